-- Business minutes between two moments are the difference of two look-ups in the calendar's running total: no day in
-- between is visited, however long a ticket was open. Every clock looks its moments up here.
with moments as (
  select created_at as moment_at
  from {{ ref('int_tickets') }}
  where created_at is not null
  union distinct
  select written_at as moment_at
  from {{ ref('int_ticket_messages') }}
  union distinct
  select changed_at as moment_at
  from {{ ref('int_ticket_status_changes') }}
  union distinct
  -- What still waits has waited until now.
  select as_of as moment_at
  from {{ ref('build_as_of') }}
),

final as (
  select
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
      calendar.schedule = '{{ var("business_schedule") }}'
      and cast(moments.moment_at as date) = calendar.utc_on
  group by moments.moment_at
)

select * from final
