-- How long each ticket waited for its end, or for as long as it was watched: what still waits is no value of a clock, and
-- leaving it out would make a team that answers the easy half look fast.
with endings as (
  select
    ticket_id,
    min(case when to_status in ('solved', 'closed') then changed_at end) as first_over_at,
    max(case when next_changed_at is null and to_status in ('solved', 'closed') then changed_at end) as over_at
  from {{ ref('int_ticket_status_changes') }}
  group by ticket_id
),

tickets as (
  select
    tickets.ticket_id,
    schedules.schedule,
    tickets.created_at,
    lifecycle.asked_at,
    lifecycle.first_reply_at,
    lifecycle.first_solved_at,
    lifecycle.last_solved_at,
    lifecycle.has_events,
    lifecycle.has_states,
    coverage.replies_since,
    coverage.solutions_since,
    coalesce(endings.first_over_at, coverage.ticket_events_until, build.as_of) as reply_watched_until,
    coalesce(endings.over_at, coverage.ticket_events_until, build.as_of) as solution_watched_until
  from {{ ref('int_tickets') }} as tickets
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on tickets.ticket_id = lifecycle.ticket_id
  inner join {{ ref('int_ticket_schedules') }} as schedules on tickets.ticket_id = schedules.ticket_id
  left join {{ ref('int_source_coverage') }} as coverage on tickets.source = coverage.source
  left join endings on tickets.ticket_id = endings.ticket_id
  cross join {{ ref('build_as_of') }} as build
),

-- A source that never tells of replies, or of solutions, does not say that they failed to come; nor does it of a ticket
-- that was over before it told of the first.
known as (
  select
    *,
    has_events and coalesce(coalesce(first_reply_at, reply_watched_until) >= replies_since, false) as is_reply_known,
    has_states
    and coalesce(coalesce(last_solved_at, solution_watched_until) >= solutions_since, false) as is_solution_known
  from tickets
),

spans as (
  select
    ticket_id,
    schedule,
    case when is_reply_known then asked_at end as reply_from,
    -- A ticket that was over before its customer wrote was watched for no time.
    case when is_reply_known then greatest(asked_at, coalesce(first_reply_at, reply_watched_until)) end as reply_until,
    case when is_solution_known then created_at end as solution_from,
    case when is_solution_known then greatest(created_at, coalesce(first_solved_at, solution_watched_until)) end
      as first_solution_until,
    case when is_solution_known then greatest(created_at, coalesce(last_solved_at, solution_watched_until)) end
      as solution_until
  from known
),

final as (
  select
    spans.ticket_id,
    cast(reply_until.open_seconds - reply_from.open_seconds as {{ type_double() }}) / 60 as reply_wait_business_minutes,
    cast({{ dbt.datediff('spans.reply_from', 'spans.reply_until', 'second') }} as {{ type_double() }}) / 60
      as reply_wait_calendar_minutes,
    cast(first_solution_until.open_seconds - solution_from.open_seconds as {{ type_double() }}) / 60
      as first_resolution_wait_business_minutes,
    cast(solution_until.open_seconds - solution_from.open_seconds as {{ type_double() }}) / 60
      as resolution_wait_business_minutes
  from spans
  left join {{ ref('int_business_moments') }} as reply_from
    on spans.schedule = reply_from.schedule and spans.reply_from = reply_from.moment_at
  left join {{ ref('int_business_moments') }} as reply_until
    on spans.schedule = reply_until.schedule and spans.reply_until = reply_until.moment_at
  left join {{ ref('int_business_moments') }} as solution_from
    on spans.schedule = solution_from.schedule and spans.solution_from = solution_from.moment_at
  left join {{ ref('int_business_moments') }} as first_solution_until
    on spans.schedule = first_solution_until.schedule and spans.first_solution_until = first_solution_until.moment_at
  left join {{ ref('int_business_moments') }} as solution_until
    on spans.schedule = solution_until.schedule and spans.solution_until = solution_until.moment_at
)

select * from final
