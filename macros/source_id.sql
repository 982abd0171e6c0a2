{# An id that stays unique when several sources are unioned: source:id, null when the id is null. #}
{% macro source_id(source_name, column) -%}
  '{{ source_name }}:' || {{ column }}
{%- endmacro %}
