{# The rows of a raw table that no rule rejected; the others lie in quarantine.rejected_rows with their reason. #}
{% macro accepted(source_name, table_name) -%}
  -- depends_on: {{ source('quarantine', 'loads') }} (its test keeps dbt from building on blocked inputs)
  select raw_rows.*
  from {{ source(source_name, table_name) }} as raw_rows
  where not exists (
    select 1
    from {{ source('quarantine', 'rejected_rows') }} as rejected_rows
    where
      rejected_rows.source_name = '{{ source_name }}'
      and rejected_rows.table_name = '{{ table_name }}'
      and rejected_rows.row_key = cast(raw_rows._cx_row as {{ dbt.type_string() }})
  )
{%- endmacro %}
