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

active_months as (
  select
    cycles.customer_id,
    cycles.source,
    months.month_on,
    months.month_starts_at,
    months.month_ends_at,
    -- Several cycles can touch one month: a customer who left and came back within it was kept.
    max(
      case when cycles.started_at <= months.month_starts_at then 1 else 0 end
    ) = 1 as is_active_at_start,
    max(
      case when cycles.ended_at is null or cycles.ended_at > months.month_ends_at then 1 else 0 end
    ) = 1 as is_active_at_end,
    max(cycles.ended_at) as last_ended_at
  from {{ ref('int_customer_cycles') }} as cycles
  inner join months
    on
      cycles.started_at < months.month_ends_at
      and (cycles.ended_at is null or cycles.ended_at > months.month_starts_at)
  group by cycles.customer_id, cycles.source, months.month_on, months.month_starts_at, months.month_ends_at
),

final as (
  select
    active_months.customer_id,
    active_months.source,
    active_months.month_on,
    active_months.month_starts_at,
    active_months.month_ends_at,
    -- The last second of a day counts as its end: the latest event in the data can hardly fall on midnight.
    {{ dbt.dateadd(
      'day', var('churn_grace_days'), dbt.dateadd('second', -1, 'active_months.month_ends_at')
    ) }} <= build.as_of as is_complete,
    active_months.is_active_at_start,
    active_months.is_active_at_start and active_months.is_active_at_end as is_retained,
    active_months.is_active_at_start and not active_months.is_active_at_end as is_churned,
    case
      when active_months.is_active_at_start and not active_months.is_active_at_end then active_months.last_ended_at
    end as left_at
  from active_months
  cross join build
)

select * from final
