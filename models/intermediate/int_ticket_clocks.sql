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
  {% for moment in ['created_at', 'first_reply_at', 'first_solved_at', 'last_solved_at'] -%}
    select
      ticket_id,
      '{{ moment }}' as moment,
      {{ moment }} as read_at
    from moments
    where {{ moment }} is not null
    {{ 'union all' if not loop.last }}
  {% endfor %}
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
    {% for clock, moment in [
      ('first_reply', 'first_reply'), ('first_resolution', 'first_solved'), ('resolution', 'last_solved')
    ] -%}
      cast(by_ticket.{{ moment }} - by_ticket.created as {{ type_double() }})
      / 60 as {{ clock }}_business_minutes,
      cast(
        {{ dbt.datediff('moments.created_at', 'moments.' ~ moment ~ '_at', 'second') }} as {{ type_double() }}
      ) / 60 as {{ clock }}_calendar_minutes{{ ',' if not loop.last }}
    {% endfor %}
  from moments
  left join by_ticket on moments.ticket_id = by_ticket.ticket_id
)

select * from final
