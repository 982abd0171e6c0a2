-- Nothing is lost: what was loaded is what staging reads and what lies in quarantine, for every table of every source.
with counted as (
  {%- set tables = graph.sources.values() | selectattr('source_name', 'in', enabled_sources()) | list if execute else [] %}
  {%- for table in tables %}
    select
      '{{ table.source_name }}' as source_name,
      '{{ table.name }}' as table_name,
      count(*) as accepted_rows
    from ({{ accepted(table.source_name, table.name) }}) as accepted_rows
    union all
  {%- endfor %}
  select
    cast(null as {{ dbt.type_string() }}) as source_name,
    cast(null as {{ dbt.type_string() }}) as table_name,
    0 as accepted_rows
)

select
  loads.source_name,
  loads.table_name,
  loads.raw_rows,
  counted.accepted_rows,
  loads.rejected_rows,
  loads.superseded_rows
from {{ source('quarantine', 'loads') }} as loads
left join counted on loads.source_name = counted.source_name and loads.table_name = counted.table_name
where
  loads.source_name in ('{{ enabled_sources() | join("', '") }}')
  and loads.raw_rows is distinct from counted.accepted_rows + loads.rejected_rows + loads.superseded_rows
