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
