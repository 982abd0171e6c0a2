with tickets as (
  select
    *,
    {{ dbt.dateadd('day', var('resolution_maturity_days'), 'created_at') }} as resolution_window_ends_at
  from {{ ref('int_tickets') }}
),

milestones as (
  select
    tickets.ticket_id,
    min(case when events.event_type in ('assigned', 'transferred') then events.occurred_at end) as first_assigned_at,
    min(case when events.event_type = 'merged' then events.occurred_at end) as merged_at,
    sum(case when events.event_type = 'customer_reply' then 1 else 0 end) as customer_replies,
    -- Nothing before means the first assignment.
    sum(
      case
        when events.event_type in ('assigned', 'transferred') and events.from_value is not null then 1
        else 0
      end
    ) as reassignments,
    sum(case when events.event_type = 'transferred' and events.from_value is not null then 1 else 0 end) as transfers,
    sum(case when events.event_type = 'escalated' then 1 else 0 end) as escalations
  from {{ ref('int_ticket_events') }} as events
  inner join tickets on events.ticket_id = tickets.ticket_id
  group by tickets.ticket_id
),

statuses as (
  select
    changes.ticket_id,
    max(case when changes.next_changed_at is null then changes.to_status end) as last_status,
    min(case when changes.to_status = 'solved' then changes.changed_at end) as first_solved_at,
    max(case when changes.next_changed_at is null then changes.solved_at end) as last_solved_at,
    -- The solution that stood when the window ended.
    max(
      case
        when
          changes.changed_at <= tickets.resolution_window_ends_at
          and (changes.next_changed_at is null or changes.next_changed_at > tickets.resolution_window_ends_at)
          then changes.solved_at
      end
    ) as solved_in_window_at,
    sum(case when changes.is_reopening then 1 else 0 end) as reopens
  from {{ ref('int_ticket_status_changes') }} as changes
  inner join tickets on changes.ticket_id = tickets.ticket_id
  group by changes.ticket_id
),

replies as (
  select
    ticket_id,
    min(written_at) as first_reply_at,
    count(*) as public_replies
  from {{ ref('int_ticket_messages') }}
  where written_by = 'agent'
  group by ticket_id
),

final as (
  select
    tickets.ticket_id,
    coalesce(statuses.last_status, tickets.status) as status,
    milestones.first_assigned_at,
    statuses.first_solved_at,
    replies.first_reply_at,
    statuses.last_solved_at,
    statuses.solved_in_window_at,
    tickets.resolution_window_ends_at,
    milestones.merged_at,
    -- Without any event nobody knows what happened; that is not the same as nothing.
    milestones.ticket_id is not null as has_events,
    cast(coalesce(replies.public_replies, 0) as bigint) as public_replies,
    cast(coalesce(milestones.customer_replies, 0) as bigint) as customer_replies,
    cast(coalesce(statuses.reopens, 0) as bigint) as reopens,
    cast(coalesce(milestones.reassignments, 0) as bigint) as reassignments,
    cast(coalesce(milestones.transfers, 0) as bigint) as transfers,
    cast(coalesce(milestones.escalations, 0) as bigint) as escalations,
    milestones.merged_at is not null as is_merged
  from tickets
  left join milestones on tickets.ticket_id = milestones.ticket_id
  left join statuses on tickets.ticket_id = statuses.ticket_id
  left join replies on tickets.ticket_id = replies.ticket_id
)

select * from final
