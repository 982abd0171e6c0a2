-- The id of an agent as the policy about people in dbt_project.yml publishes it: as it is, or null.
{% macro published_agent_id(column) -%}
  {% if agents_are_published() %}{{ column }}{% else %}cast(null as {{ dbt.type_string() }}){% endif %}
{%- endmacro %}

{% macro agents_are_published() -%}
  {{ return(var('people', {}).get('agent', {}).get('ids', false)) }}
{%- endmacro %}
