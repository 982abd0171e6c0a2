-- Business minutes between two moments are the difference of two look-ups in the calendar's running total: no day in
-- between is visited, however long a ticket was open. Every clock looks its moments up here.
with ticket_moments as (
  select
    ticket_id,
    created_at as moment_at
  from {{ ref('int_tickets') }}
  where created_at is not null
  union all
  select
    ticket_id,
    written_at as moment_at
  from {{ ref('int_ticket_messages') }}
  union all
  select
    ticket_id,
    changed_at as moment_at
  from {{ ref('int_ticket_status_changes') }}
),

moments as (
  select
    schedules.schedule,
    ticket_moments.moment_at
  from ticket_moments
  inner join {{ ref('int_ticket_schedules') }} as schedules on ticket_moments.ticket_id = schedules.ticket_id
  union distinct
  -- What still waits has waited until now, or until the last that is told of it.
  select
    schedules.schedule,
    build.as_of as moment_at
  from {{ ref('int_ticket_schedules') }} as schedules
  cross join {{ ref('build_as_of') }} as build
  union distinct
  select
    schedules.schedule,
    coverage.ticket_events_until as moment_at
  from {{ ref('int_ticket_schedules') }} as schedules
  cross join {{ ref('int_source_coverage') }} as coverage
  where coverage.ticket_events_until is not null
),

final as (
  select
    moments.schedule,
    moments.moment_at,
    cast(
      min(calendar.open_seconds_before)
      + sum(
        greatest(
          0, least(calendar.open_seconds, {{ dbt.datediff('calendar.opens_at', 'moments.moment_at', 'second') }})
        )
      ) as bigint
    ) as open_seconds
  from moments
  inner join {{ ref('int_business_calendar') }} as calendar
    on
      moments.schedule = calendar.schedule
      and cast(moments.moment_at as date) = calendar.utc_on
  group by moments.schedule, moments.moment_at
)

select * from final
