-- The history stays where it is; what is published is what the latest run of each source found.
with validation_results as (
  select * from {{ source('quarantine', 'validation_results') }}
),

latest as (
  select
    source_name,
    max(run_id) as run_id
  from validation_results
  group by source_name
),

final as (
  select
    cast(validation_results.source_name as {{ dbt.type_string() }}) as source_name,
    cast(validation_results.table_name as {{ dbt.type_string() }}) as table_name,
    cast(validation_results.expectation as {{ dbt.type_string() }}) as expectation,
    cast(validation_results.column_name as {{ dbt.type_string() }}) as column_name,
    cast(validation_results.rule as {{ dbt.type_string() }}) as rule,
    cast(validation_results.severity as {{ dbt.type_string() }}) as severity,
    cast(validation_results.evaluated_rows as {{ dbt.type_bigint() }}) as evaluated_rows,
    cast(validation_results.unexpected_rows as {{ dbt.type_bigint() }}) as unexpected_rows,
    validation_results.is_success
  from validation_results
  inner join latest
    on
      validation_results.source_name = latest.source_name
      and validation_results.run_id = latest.run_id
  where validation_results.source_name in ('{{ enabled_sources() | join("', '") }}')
)

select * from final
