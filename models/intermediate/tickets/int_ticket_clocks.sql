with moments as (
  select
    tickets.ticket_id,
    schedules.schedule,
    tickets.created_at,
    lifecycle.asked_at,
    lifecycle.first_reply_at,
    lifecycle.first_solved_at,
    lifecycle.last_solved_at
  from {{ ref('int_tickets') }} as tickets
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on tickets.ticket_id = lifecycle.ticket_id
  inner join {{ ref('int_ticket_schedules') }} as schedules on tickets.ticket_id = schedules.ticket_id
),

seconds as (
  select
    moments.ticket_id,
    moments.schedule,
    first_reply.open_seconds - asked.open_seconds as first_reply_business,
    {{ dbt.datediff('moments.asked_at', 'moments.first_reply_at', 'second') }} as first_reply_calendar,
    first_solved.open_seconds - created.open_seconds as first_resolution_business,
    {{ dbt.datediff('moments.created_at', 'moments.first_solved_at', 'second') }} as first_resolution_calendar,
    last_solved.open_seconds - created.open_seconds as resolution_business,
    {{ dbt.datediff('moments.created_at', 'moments.last_solved_at', 'second') }} as resolution_calendar,
    -- Until a ticket is solved, nobody knows how long its customer will have waited.
    case when moments.last_solved_at is not null then waits.open_seconds end as requester_wait_business,
    responses.open_seconds as response_business,
    responses.answered_messages
  from moments
  left join {{ ref('int_business_moments') }} as created
    on moments.schedule = created.schedule and moments.created_at = created.moment_at
  left join {{ ref('int_business_moments') }} as asked
    on moments.schedule = asked.schedule and moments.asked_at = asked.moment_at
  left join {{ ref('int_business_moments') }} as first_reply
    on moments.schedule = first_reply.schedule and moments.first_reply_at = first_reply.moment_at
  left join {{ ref('int_business_moments') }} as first_solved
    on moments.schedule = first_solved.schedule and moments.first_solved_at = first_solved.moment_at
  left join {{ ref('int_business_moments') }} as last_solved
    on moments.schedule = last_solved.schedule and moments.last_solved_at = last_solved.moment_at
  left join {{ ref('int_ticket_waits') }} as waits on moments.ticket_id = waits.ticket_id
  left join {{ ref('int_ticket_responses') }} as responses on moments.ticket_id = responses.ticket_id
),

final as (
  select
    ticket_id,
    schedule,
    cast(first_reply_business as {{ type_double() }}) / 60 as first_reply_business_minutes,
    cast(first_reply_calendar as {{ type_double() }}) / 60 as first_reply_calendar_minutes,
    cast(first_resolution_business as {{ type_double() }}) / 60 as first_resolution_business_minutes,
    cast(first_resolution_calendar as {{ type_double() }}) / 60 as first_resolution_calendar_minutes,
    cast(resolution_business as {{ type_double() }}) / 60 as resolution_business_minutes,
    cast(resolution_calendar as {{ type_double() }}) / 60 as resolution_calendar_minutes,
    cast(requester_wait_business as {{ type_double() }}) / 60 as requester_wait_business_minutes,
    -- Of all answered messages of a ticket together; null when none was answered.
    cast(response_business as {{ type_double() }}) / 60 as response_business_minutes,
    answered_messages
  from seconds
)

select * from final
