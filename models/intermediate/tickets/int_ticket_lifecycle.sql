with tickets as (
  select
    *,
    {{ dbt.dateadd('day', var('resolution_maturity_days'), 'created_at') }} as resolution_window_ends_at
  from {{ ref('int_tickets') }}
),

assignments as (
  select
    ticket_id,
    event_type,
    occurred_at,
    {{ value_before() }} as value_before
  from {{ ref('int_ticket_events') }}
  where event_type in ('assigned', 'transferred')
),

assigned as (
  select
    ticket_id,
    min(occurred_at) as first_assigned_at,
    count(value_before) as reassignments,
    count(case when event_type = 'transferred' then value_before end) as transfers,
    min(case when event_type = 'transferred' and value_before is not null then occurred_at end) as first_transferred_at
  from assignments
  group by ticket_id
),

milestones as (
  select
    ticket_id,
    min(case when event_type = 'merged' then occurred_at end) as merged_at,
    min(case when event_type = 'escalated' then occurred_at end) as first_escalated_at,
    sum(case when event_type = 'escalated' then 1 else 0 end) as escalations
  from {{ ref('int_ticket_events') }}
  group by ticket_id
),

with_states as (
  select distinct ticket_id
  from {{ ref('int_ticket_events_ever') }}
  where event_type = 'merged' or (event_type = 'status_changed' and to_value is not null)
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
    min(case when changes.is_reopening then changes.changed_at end) as first_reopened_at,
    sum(case when changes.is_reopening then 1 else 0 end) as reopens,
    sum(case when changes.is_reopening and changes.is_inferred then 1 else 0 end) as inferred_reopens
  from {{ ref('int_ticket_status_changes') }} as changes
  inner join tickets on changes.ticket_id = tickets.ticket_id
  group by changes.ticket_id
),

numbered_messages as (
  select
    *,
    row_number() over (partition by ticket_id, written_by order by written_at) as number_of_writer
  from {{ ref('int_ticket_messages') }}
),

messages as (
  select
    ticket_id,
    min(asked_at) as asked_at,
    min(case when written_by = 'agent' and written_at >= asked_at then written_at end) as first_reply_at,
    sum(case when written_by = 'agent' then 1 else 0 end) as public_replies,
    sum(case when written_by = 'customer' and not is_opening then 1 else 0 end) as customer_replies,
    min(case when written_by = 'agent' then written_at end) as first_touched_at,
    min(case when written_by = 'agent' and number_of_writer = 2 then written_at end) as second_touched_at,
    min(case when is_further_contact then written_at end) as further_message_at
  from numbered_messages
  group by ticket_id
),

final as (
  select
    tickets.ticket_id,
    -- What the source says of today is no news of a day before the first change.
    coalesce(
      statuses.last_status,
      case when with_states.ticket_id is not null and milestones.merged_at is null then 'new' end,
      tickets.status
    ) as status,
    assigned.first_assigned_at,
    statuses.first_solved_at,
    messages.asked_at,
    messages.first_reply_at,
    messages.first_touched_at,
    messages.second_touched_at,
    messages.further_message_at,
    statuses.first_reopened_at,
    assigned.first_transferred_at,
    milestones.first_escalated_at,
    statuses.last_solved_at,
    statuses.solved_in_window_at,
    tickets.resolution_window_ends_at,
    milestones.merged_at,
    -- Without any event nobody knows what happened; that is not the same as nothing.
    milestones.ticket_id is not null as has_events,
    -- Of a ticket that is over although no event ever told so, nobody knows since when.
    milestones.ticket_id is not null
    and coalesce(with_states.ticket_id is not null or tickets.status not in ('solved', 'closed'), false) as has_states,
    cast(coalesce(messages.public_replies, 0) as bigint) as public_replies,
    cast(coalesce(messages.customer_replies, 0) as bigint) as customer_replies,
    cast(coalesce(statuses.reopens, 0) as bigint) as reopens,
    cast(coalesce(statuses.inferred_reopens, 0) as bigint) as inferred_reopens,
    cast(coalesce(assigned.reassignments, 0) as bigint) as reassignments,
    cast(coalesce(assigned.transfers, 0) as bigint) as transfers,
    cast(coalesce(milestones.escalations, 0) as bigint) as escalations,
    milestones.merged_at is not null as is_merged
  from tickets
  left join milestones on tickets.ticket_id = milestones.ticket_id
  left join assigned on tickets.ticket_id = assigned.ticket_id
  left join with_states on tickets.ticket_id = with_states.ticket_id
  left join statuses on tickets.ticket_id = statuses.ticket_id
  left join messages on tickets.ticket_id = messages.ticket_id
)

select * from final
