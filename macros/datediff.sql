{# dbt.datediff on Spark. dbt-spark's own evaluates each timestamp a dozen times; this is the same number of seconds. #}
{% macro spark__datediff(first_date, second_date, datepart) -%}
  {%- if datepart == 'second' -%}
    (unix_seconds({{ second_date }}) - unix_seconds({{ first_date }}))
  {%- else -%}
    {{ dbt.spark__datediff(first_date, second_date, datepart) }}
  {%- endif -%}
{%- endmacro %}
