-- Whom a rate per customer counts for how long: who joined on the last day of a month is no customer of a whole month.
-- Days before a source first tells of tickets, after the last that it does, and after the as-of date say nothing of contacts.
with months as (
  select
    months.month_on,
    months.month_starts_at,
    months.month_ends_at,
    case when months.month_ends_at <= build.as_of then months.month_ends_at else build.as_of end as known_until
  from {{ ref('int_months') }} as months
  cross join {{ ref('build_as_of') }} as build
),

parts as (
  select
    cycles.cycle_id,
    cycles.customer_id,
    months.month_on,
    {{ dbt.datediff('months.month_starts_at', 'months.month_ends_at', 'day') }} as days_in_month,
    case
      when cycles.started_at > months.month_starts_at and cycles.started_at > coverage.customer_tickets_since then cycles.started_at
      when coverage.customer_tickets_since > months.month_starts_at then coverage.customer_tickets_since
      else months.month_starts_at
    end as starts_at,
    least(
      months.known_until,
      coalesce(cycles.ended_at, months.known_until),
      coalesce(coverage.tickets_until, months.known_until)
    ) as ends_at
  from {{ ref('int_customer_cycles') }} as cycles
  inner join months on cycles.started_at < months.month_ends_at
  inner join {{ ref('int_source_coverage') }} as coverage on cycles.source = coverage.source
  where
    (cycles.ended_at is null or cycles.ended_at > months.month_starts_at)
    and coverage.customer_tickets_since < months.month_ends_at
),

dated as (
  select
    cycle_id || ':' || month_on as cycle_month_id,
    customer_id,
    month_on,
    {{ reporting_date('starts_at') }} as first_on,
    -- An end at midnight is none of a further day.
    {{ reporting_date(dbt.dateadd('second', -1, 'ends_at')) }} as last_on,
    cast(days_in_month as bigint) as days_in_month
  from parts
  where ends_at > starts_at
),

final as (
  select
    cycle_month_id,
    customer_id,
    month_on,
    first_on,
    last_on,
    cast({{ dbt.datediff('first_on', 'last_on', 'day') }} + 1 as bigint) as active_days,
    days_in_month
  from dated
)

select * from final
