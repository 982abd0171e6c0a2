with tickets as (
  select * from {{ ref('int_tickets') }}
),

events as (
  select
    events.ticket_id,
    events.occurred_at,
    events.event_type,
    events.actor_type,
    events.to_value,
    tickets.created_at,
    tickets.is_proactive,
    -- A change of status that does not say what was before comes after the change before it. For assignments nothing
    -- before means the first one.
    case
      when events.event_type = 'status_changed' and events.from_value is null
        then
          lag(events.to_value) over (
            partition by events.ticket_id, events.event_type
            order by events.occurred_at, events.event_id
          )
      else events.from_value
    end as from_value,
    -- When several changes carry one timestamp, a ticket that was solved at that moment counts as solved.
    row_number() over (
      partition by events.ticket_id, events.event_type
      order by
        events.occurred_at desc,
        case when events.to_value in ('solved', 'closed') then 0 else 1 end,
        events.event_id desc
    ) as events_from_last
  from {{ ref('int_ticket_events') }} as events
  inner join tickets on events.ticket_id = tickets.ticket_id
),

openers as (
  select
    ticket_id,
    max(case when actor_type = 'agent' then 1 else 0 end) = 1 as is_opened_by_agent
  from events
  where event_type = 'created'
  group by ticket_id
),

agent_replies as (
  select
    events.ticket_id,
    events.occurred_at
  from events
  left join openers on events.ticket_id = openers.ticket_id
  where
    events.event_type = 'public_reply'
    and events.actor_type = 'agent'
    -- The public comment with which an agent opens a ticket answers nobody: replies count from the second.
    and not (
      coalesce(openers.is_opened_by_agent, events.is_proactive, false) and events.occurred_at <= events.created_at
    )
),

replies as (
  select
    ticket_id,
    min(occurred_at) as first_reply_at,
    count(*) as public_replies
  from agent_replies
  group by ticket_id
),

milestones as (
  select
    ticket_id,
    min(case when event_type in ('assigned', 'transferred') then occurred_at end) as first_assigned_at,
    min(case when event_type = 'status_changed' and to_value = 'solved' then occurred_at end) as first_solved_at,
    max(case when event_type = 'status_changed' and to_value = 'solved' then occurred_at end) as latest_solved_at,
    max(
      case
        when
          event_type = 'status_changed'
          and from_value in ('solved', 'closed')
          and to_value not in ('solved', 'closed') then occurred_at
      end
    ) as latest_reopened_at,
    max(case when event_type = 'status_changed' and events_from_last = 1 then to_value end) as last_status,
    sum(case when event_type = 'customer_reply' then 1 else 0 end) as customer_replies,
    sum(
      case
        when
          event_type = 'status_changed'
          and from_value in ('solved', 'closed')
          and to_value not in ('solved', 'closed') then 1
        else 0
      end
    ) as reopens,
    sum(
      case when event_type in ('assigned', 'transferred') and from_value is not null then 1 else 0 end
    ) as reassignments,
    sum(case when event_type = 'transferred' and from_value is not null then 1 else 0 end) as transfers,
    sum(case when event_type = 'escalated' then 1 else 0 end) as escalations,
    sum(case when event_type = 'merged' then 1 else 0 end) as merge_events
  from events
  group by ticket_id
),

final as (
  select
    tickets.ticket_id,
    coalesce(milestones.last_status, tickets.status) as status,
    milestones.first_assigned_at,
    milestones.first_solved_at,
    replies.first_reply_at,
    -- A ticket that is open again has no last solution yet; one that was closed without another has none any more.
    case
      when
        coalesce(milestones.last_status, tickets.status) in ('solved', 'closed')
        and (milestones.latest_reopened_at is null or milestones.latest_reopened_at <= milestones.latest_solved_at)
        then milestones.latest_solved_at
    end as last_solved_at,
    -- Without any event nobody knows what happened; that is not the same as nothing.
    milestones.ticket_id is not null as has_events,
    cast(coalesce(replies.public_replies, 0) as bigint) as public_replies,
    cast(coalesce(milestones.customer_replies, 0) as bigint) as customer_replies,
    cast(coalesce(milestones.reopens, 0) as bigint) as reopens,
    cast(coalesce(milestones.reassignments, 0) as bigint) as reassignments,
    cast(coalesce(milestones.transfers, 0) as bigint) as transfers,
    cast(coalesce(milestones.escalations, 0) as bigint) as escalations,
    coalesce(milestones.merge_events, 0) > 0 as is_merged
  from tickets
  left join milestones on tickets.ticket_id = milestones.ticket_id
  left join replies on tickets.ticket_id = replies.ticket_id
)

select * from final
