with build as (
  select * from {{ ref('build_as_of') }}
),

months as (
  select distinct
    cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_on,
    cast({{ dbt.date_trunc('month', 'date_day') }} as timestamp) as month_starts_at,
    cast({{ dbt.dateadd('month', 1, dbt.date_trunc('month', 'date_day')) }} as timestamp) as month_ends_at
  from {{ ref('dim_dates') }}
),

final as (
  select
    months.month_on,
    months.month_starts_at,
    months.month_ends_at,
    -- The last second of a day counts as its end: the latest event in the data can hardly fall on midnight.
    {{ dbt.dateadd('day', var('churn_grace_days'), dbt.dateadd('second', -1, 'months.month_ends_at')) }} <= build.as_of
      as is_complete
  from months
  cross join build
)

select * from final
