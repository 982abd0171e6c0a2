with events as (
  select
    *,
    {{ dbt.dateadd('hour', var('outreach_hours'), 'happened_at') }} as reachable_until
  from {{ ref('int_risk_events') }}
),

-- A ticket is about the event when the same stage caused it, and when nobody knows what did.
tickets as (
  select
    events.risk_event_id,
    min(case when tickets.is_opened_by_customer then tickets.created_at end) as asked_at,
    min(case when not tickets.is_opened_by_customer then tickets.created_at end) as outreach_at
  from events
  inner join {{ ref('int_ticket_causes') }} as tickets
    on
      events.customer_id = tickets.customer_id
      and events.happened_at <= tickets.created_at
      and events.reachable_until >= tickets.created_at
      and (events.stage = tickets.cause_stage or tickets.cause_stage is null)
  group by events.risk_event_id
),

-- A call or a chat asks as a ticket does; one on a ticket is about what the ticket is about, and whoever the company
-- contacted did not ask.
talks as (
  select
    coalesce(interactions.customer_id, tickets.customer_id) as customer_id,
    interactions.started_at,
    tickets.cause_stage
  from {{ ref('int_interactions') }} as interactions
  left join {{ ref('int_ticket_causes') }} as tickets on interactions.ticket_id = tickets.ticket_id
  where coalesce(tickets.is_opened_by_customer, true)
),

asked_in_talks as (
  select
    events.risk_event_id,
    min(talks.started_at) as asked_at
  from events
  inner join talks
    on
      events.customer_id = talks.customer_id
      and events.happened_at <= talks.started_at
      and events.reachable_until >= talks.started_at
      and (events.stage = talks.cause_stage or talks.cause_stage is null)
  group by events.risk_event_id
),

-- Only what the seed names: an advertisement is no outreach.
notices as (
  select
    events.risk_event_id,
    min(notices.occurred_at) as outreach_at
  from events
  inner join {{ ref('int_touchpoint_events') }} as notices
    on
      events.customer_id = notices.customer_id
      and events.outreach_touchpoint = notices.touchpoint
      and events.happened_at <= notices.occurred_at
      and events.reachable_until >= notices.occurred_at
  where notices.is_proactive
  group by events.risk_event_id
),

answered as (
  select
    events.*,
    case
      when tickets.asked_at is null or asked_in_talks.asked_at < tickets.asked_at then asked_in_talks.asked_at
      else tickets.asked_at
    end as asked_at,
    case
      when tickets.outreach_at is null or notices.outreach_at < tickets.outreach_at then notices.outreach_at
      else tickets.outreach_at
    end as outreach_at
  from events
  left join tickets on events.risk_event_id = tickets.risk_event_id
  left join asked_in_talks on events.risk_event_id = asked_in_talks.risk_event_id
  left join notices on events.risk_event_id = notices.risk_event_id
),

final as (
  select
    events.risk_event_id,
    events.customer_id,
    events.source,
    events.risk_event,
    events.stage,
    events.subject_id,
    events.happened_at,
    {{ reporting_date('events.happened_at') }} as happened_on,
    events.outreach_at,
    events.asked_at,
    case
      when
        events.happened_at >= coverage.customer_tickets_since
        and events.happened_at >= coverage.outreach_since
        and events.reachable_until <= {{ told_until(['tickets', 'interactions']) }}
        then events.outreach_at is not null and coalesce(events.outreach_at < events.asked_at, true)
    end as is_reached
  from answered as events
  left join {{ ref('int_source_coverage') }} as coverage on events.source = coverage.source
  cross join {{ ref('build_as_of') }} as build
)

select * from final
