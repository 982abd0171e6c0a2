{# The engine's 64-bit float; dbt.type_float() has 32 bits on DuckDB. #}
{% macro type_double() -%}
  {{ return(adapter.dispatch('type_double', 'cxmetrics')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
  double
{%- endmacro %}

{% macro bigquery__type_double() -%}
  float64
{%- endmacro %}

{% macro postgres__type_double() -%}
  double precision
{%- endmacro %}
