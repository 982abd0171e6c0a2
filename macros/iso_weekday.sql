{# 1 for Monday to 7 for Sunday. #}
{% macro iso_weekday(date) -%}
  {{ return(adapter.dispatch('iso_weekday', 'cxmetrics')(date)) }}
{%- endmacro %}

{% macro default__iso_weekday(date) -%}
  extract(isodow from {{ date }})
{%- endmacro %}

{% macro spark__iso_weekday(date) -%}
  weekday({{ date }}) + 1
{%- endmacro %}

{% macro snowflake__iso_weekday(date) -%}
  dayofweekiso({{ date }})
{%- endmacro %}

{% macro bigquery__iso_weekday(date) -%}
  mod(extract(dayofweek from {{ date }}) + 5, 7) + 1
{%- endmacro %}
