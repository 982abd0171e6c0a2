{# dbt.datediff on Spark. dbt-spark's own evaluates each timestamp a dozen times, and fails where a date is null; these are
   the same numbers of seconds and days. #}
{% macro spark__datediff(first_date, second_date, datepart) -%}
  {%- if datepart == 'second' -%}
    (unix_seconds({{ second_date }}) - unix_seconds({{ first_date }}))
  {%- elif datepart == 'day' -%}
    datediff(cast({{ second_date }} as date), cast({{ first_date }} as date))
  {%- else -%}
    {{ dbt.spark__datediff(first_date, second_date, datepart) }}
  {%- endif -%}
{%- endmacro %}
