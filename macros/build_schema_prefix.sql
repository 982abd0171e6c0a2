{# What the names of published schemas begin with while they are built. Only where what is built and what is published
   share one database; readers never look into what is being built. Like engines.BUILD_PREFIX. #}
{% macro build_schema_prefix() -%}
  {{ return(adapter.dispatch('build_schema_prefix', 'cxmetrics')()) }}
{%- endmacro %}

{% macro default__build_schema_prefix() -%}
  {{ return('') }}
{%- endmacro %}

{% macro postgres__build_schema_prefix() -%}
  {{ return('build_') }}
{%- endmacro %}

{% macro spark__build_schema_prefix() -%}
  {{ return('build_') }}
{%- endmacro %}
