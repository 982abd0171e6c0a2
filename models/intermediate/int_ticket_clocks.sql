-- Business minutes between two moments are the difference of two look-ups in the calendar's running total: no day in
-- between is visited, however long a ticket was open.
with moments as (
  select
    tickets.ticket_id,
    tickets.created_at,
    lifecycle.first_reply_at,
    lifecycle.first_solved_at,
    lifecycle.last_solved_at
  from {{ ref('int_tickets') }} as tickets
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on tickets.ticket_id = lifecycle.ticket_id
),

readings as (
  select
    ticket_id,
    'created_at' as moment,
    created_at as read_at
  from moments
  where created_at is not null
  union all
  select
    ticket_id,
    'first_reply_at' as moment,
    first_reply_at as read_at
  from moments
  where first_reply_at is not null
  union all
  select
    ticket_id,
    'first_solved_at' as moment,
    first_solved_at as read_at
  from moments
  where first_solved_at is not null
  union all
  select
    ticket_id,
    'last_solved_at' as moment,
    last_solved_at as read_at
  from moments
  where last_solved_at is not null
),

open_seconds as (
  select
    readings.ticket_id,
    readings.moment,
    min(calendar.open_seconds_before)
    + sum(
      greatest(
        0, least(calendar.open_seconds, {{ dbt.datediff('calendar.opens_at', 'readings.read_at', 'second') }})
      )
    ) as open_seconds
  from readings
  inner join {{ ref('int_business_calendar') }} as calendar
    on
      calendar.schedule = '{{ var("business_schedule") }}'
      and cast(readings.read_at as date) = calendar.utc_on
  group by readings.ticket_id, readings.moment
),

by_ticket as (
  select
    ticket_id,
    max(case when moment = 'created_at' then open_seconds end) as created,
    max(case when moment = 'first_reply_at' then open_seconds end) as first_reply,
    max(case when moment = 'first_solved_at' then open_seconds end) as first_solved,
    max(case when moment = 'last_solved_at' then open_seconds end) as last_solved
  from open_seconds
  group by ticket_id
),

final as (
  select
    moments.ticket_id,
    cast(by_ticket.first_reply - by_ticket.created as {{ type_double() }}) / 60 as first_reply_business_minutes,
    cast(
      {{ dbt.datediff('moments.created_at', 'moments.first_reply_at', 'second') }} as {{ type_double() }}
    ) / 60 as first_reply_calendar_minutes,
    cast(by_ticket.first_solved - by_ticket.created as {{ type_double() }}) / 60 as first_resolution_business_minutes,
    cast(
      {{ dbt.datediff('moments.created_at', 'moments.first_solved_at', 'second') }} as {{ type_double() }}
    ) / 60 as first_resolution_calendar_minutes,
    cast(by_ticket.last_solved - by_ticket.created as {{ type_double() }}) / 60 as resolution_business_minutes,
    cast(
      {{ dbt.datediff('moments.created_at', 'moments.last_solved_at', 'second') }} as {{ type_double() }}
    ) / 60 as resolution_calendar_minutes
  from moments
  left join by_ticket on moments.ticket_id = by_ticket.ticket_id
)

select * from final
