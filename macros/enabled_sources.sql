{# The enabled sources as a list; one name, or names with commas between, will do as well. #}
{% macro enabled_sources() -%}
  {%- set names = var('sources') -%}
  {{ return(names.replace(' ', '').split(',') if names is string else names) }}
{%- endmacro %}
