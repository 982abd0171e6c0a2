{# Statements that an engine needs before a build (on-run-start). PostgreSQL has no type called double: a domain of that
   name lets every .yml say double and mean 64 bits. #}
{% macro prepare_engine() -%}
  {{ return(adapter.dispatch('prepare_engine', 'cxmetrics')()) }}
{%- endmacro %}

{% macro default__prepare_engine() -%}
{%- endmacro %}

{% macro postgres__prepare_engine() -%}
  create schema if not exists {{ target.schema }};
  do $$ begin
    create domain {{ target.schema }}.double as double precision;
  exception when duplicate_object then null;
  end $$;
{%- endmacro %}
