with build as (
  select * from {{ ref('build_as_of') }}
),

months as (
  select distinct
    cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_on,
    cast({{ dbt.dateadd('month', 1, dbt.date_trunc('month', 'date_day')) }} as date) as next_month_on
  from {{ ref('dim_dates') }}
),

bounded as (
  select
    month_on,
    {{ reporting_day_starts_at('month_on') }} as month_starts_at,
    {{ reporting_day_starts_at('next_month_on') }} as month_ends_at
  from months
),

final as (
  select
    bounded.month_on,
    bounded.month_starts_at,
    bounded.month_ends_at,
    -- The last second of a day counts as its end: the latest event in the data can hardly fall on midnight.
    {{ dbt.dateadd('day', var('churn_grace_days'), dbt.dateadd('second', -1, 'bounded.month_ends_at')) }} <= build.as_of
      as is_complete
  from bounded
  cross join build
)

select * from final
