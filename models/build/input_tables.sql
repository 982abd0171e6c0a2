with loads as (
  select * from {{ source('quarantine', 'loads') }}
),

final as (
  select
    cast(source_name as {{ dbt.type_string() }}) as source_name,
    cast(table_name as {{ dbt.type_string() }}) as table_name,
    cast(files as {{ dbt.type_bigint() }}) as files,
    cast(raw_rows as {{ dbt.type_bigint() }}) as raw_rows,
    cast(rejected_rows as {{ dbt.type_bigint() }}) as rejected_rows,
    cast(coalesce(superseded_rows, 0) as {{ dbt.type_bigint() }}) as superseded_rows,
    is_synthetic
  from loads
  where source_name in ('{{ enabled_sources() | join("', '") }}')
)

select * from final
