{# The where clause that leaves out what came to be later than the as-of date; nothing when no date is set. #}
{% macro up_to_as_of(happened_at) -%}
  {%- if as_of_literal() -%}
    where {{ happened_at }} is null or {{ happened_at }} <= {{ as_of_literal() }}
  {%- endif -%}
{%- endmacro %}
