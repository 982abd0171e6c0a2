{# A moment of the last day that a table tells of, from int_source_coverage; null for one that goes on. #}
{% macro told_last(table) -%}
  {{ dbt.dateadd('day', -1, table ~ '_until') }}
{%- endmacro %}
