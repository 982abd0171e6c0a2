{# dbt.dateadd on Spark. dbt-spark's own drops fractions of a second and multiplies only the last term of an interval
   that is a sum. A date becomes a timestamp, as on DuckDB. #}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
  timestampadd({{ datepart }}, {{ interval }}, {{ from_date_or_timestamp }})
{%- endmacro %}
