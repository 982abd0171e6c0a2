{# What is checked before a build (on-run-start). On PostgreSQL somebody else's schema is no place to build in: its owner
   can put what they like in the place of what is built there. Like engines/postgres/server.py. #}
{% macro prepare_engine() -%}
  {{ return(adapter.dispatch('prepare_engine', 'cxmetrics')()) }}
{%- endmacro %}

{% macro default__prepare_engine() -%}
{%- endmacro %}

{% macro postgres__prepare_engine() -%}
  {%- if execute -%}
    {%- set schemas = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed', 'snapshot') -%}
      {%- do schemas.append(dbt.string_literal(dbt.escape_single_quotes(node.schema))) -%}
    {%- endfor -%}
    {%- set foreign -%}
      select nspname, pg_get_userbyid(nspowner) as owner_name
      from pg_namespace
      where nspname in ({{ schemas | unique | sort | join(', ') }})
        and pg_get_userbyid(nspowner) <> current_user
      order by 1
    {%- endset -%}
    {%- for row in run_query(foreign) -%}
      {%- do exceptions.raise_compiler_error(
        'the database has a schema ' ~ row[0] ~ ' that belongs to ' ~ row[1] ~ ', and cxmetrics builds there: use a database of'
        ~ ' its own, or, when you know all that is in it, alter schema ' ~ adapter.quote(row[0]) ~ ' owner to ' ~ adapter.quote(target.user)
      ) -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
