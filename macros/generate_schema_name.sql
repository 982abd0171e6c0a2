{# Schemas are named for what they hold (service, experience, journey, metrics), without the target's prefix. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {%- set schema = (custom_schema_name or target.schema) | trim -%}
  {{ build_schema_prefix() if schema in ['service', 'experience', 'journey', 'metrics'] }}{{ schema }}
{%- endmacro %}
