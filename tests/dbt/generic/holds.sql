{# The expression is true for every row; null is a failure, so that an identity cannot pass by missing a side. #}
{% test holds(model, expression) %}
select *
from {{ model }}
where ({{ expression }}) is not true
{% endtest %}
