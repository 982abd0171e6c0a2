-- The history stays where it is; what is published is what the latest run of each source found.
with verdicts as (
  select * from {{ source('quarantine', 'verdicts') }}
),

latest as (
  select
    source_name,
    max(run_id) as run_id
  from verdicts
  group by source_name
),

final as (
  select
    cast(verdicts.source_name as {{ dbt.type_string() }}) as source_name,
    cast(verdicts.table_name as {{ dbt.type_string() }}) as table_name,
    cast(verdicts.expectation as {{ dbt.type_string() }}) as expectation,
    cast(verdicts.column_name as {{ dbt.type_string() }}) as column_name,
    cast(verdicts.rule as {{ dbt.type_string() }}) as rule,
    cast(verdicts.severity as {{ dbt.type_string() }}) as severity,
    cast(verdicts.evaluated_rows as {{ dbt.type_bigint() }}) as evaluated_rows,
    cast(verdicts.unexpected_rows as {{ dbt.type_bigint() }}) as unexpected_rows,
    verdicts.is_success
  from verdicts
  inner join latest
    on
      verdicts.source_name = latest.source_name
      and verdicts.run_id = latest.run_id
  where verdicts.source_name in ('{{ enabled_sources() | join("', '") }}')
)

select * from final
