-- What changes nothing is no change: a state that nobody knows, and the state the ticket already has by the change
-- before it, whatever the source says it comes from. When several changes carry one timestamp, a ticket that was solved
-- at that moment counts as solved.
with told as (
  select
    events.event_id,
    events.ticket_id,
    events.occurred_at,
    case when events.event_type = 'status_changed' then events.from_value end as from_value,
    case when events.event_type = 'status_changed' then events.to_value end as to_status,
    -- At one moment a message comes first: it was not written after that solution.
    case
      when events.event_type = 'customer_reply' then 0
      when events.to_value in ('solved', 'closed') then 2
      else 1
    end as order_at_once
  from {{ ref('int_ticket_events') }} as events
  inner join {{ ref('int_tickets') }} as tickets on events.ticket_id = tickets.ticket_id
  where
    events.event_type = 'customer_reply'
    or (events.event_type = 'status_changed' and events.to_value is not null)
),

in_order as (
  select
    *,
    -- Changes to solved or closed stay in the stretch of the work before them.
    sum(case when to_status in ('solved', 'closed') or to_status is null then 0 else 1 end) over (
      partition by ticket_id
      order by occurred_at, order_at_once, event_id
      rows unbounded preceding
    ) as stretch,
    sum(case when to_status = 'solved' then 1 else 0 end) over (
      partition by ticket_id
      order by occurred_at, order_at_once, event_id
      rows unbounded preceding
    ) as solutions
  from told
),

with_messages as (
  select
    *,
    min(case when to_status is null then occurred_at end) over (
      partition by ticket_id, stretch, solutions
    ) as next_message_at
  from in_order
),

states as (
  select
    event_id,
    ticket_id,
    occurred_at as changed_at,
    from_value,
    to_status,
    order_at_once,
    lag(to_status) over (partition by ticket_id order by occurred_at, order_at_once, event_id) as status_before,
    -- The customer wrote after a solution and no change tells of it, but the ticket was solved again.
    case
      when to_status = 'solved'
        then
          lag(next_message_at) over (
            partition by ticket_id, stretch, to_status
            order by occurred_at, order_at_once, event_id
          )
    end as asked_again_at
  from with_messages
  where to_status is not null
),

changes as (
  select
    event_id,
    ticket_id,
    changed_at,
    from_value,
    to_status,
    order_at_once,
    false as is_inferred
  from states
  -- A ticket is new until it becomes something else.
  where to_status != coalesce(status_before, 'new') or asked_again_at is not null
  union all
  select
    event_id,
    ticket_id,
    asked_again_at as changed_at,
    cast(null as {{ dbt.type_string() }}) as from_value,
    'open' as to_status,
    1 as order_at_once,
    true as is_inferred
  from states
  where asked_again_at is not null
),

numbered as (
  select
    *,
    row_number() over (partition by ticket_id order by changed_at, order_at_once, event_id) as change_number
  from changes
),

with_neighbours as (
  select
    *,
    -- What was before the first change only the source can say.
    coalesce(lag(to_status) over (partition by ticket_id order by change_number), from_value) as from_status,
    lead(changed_at) over (partition by ticket_id order by change_number) as next_changed_at,
    sum(case when to_status in ('solved', 'closed') then 0 else 1 end) over (
      partition by ticket_id
      order by change_number
      rows unbounded preceding
    ) as stretch,
    sum(case when to_status = 'solved' then 1 else 0 end) over (
      partition by ticket_id
      order by change_number
      rows unbounded preceding
    ) as solutions
  from numbered
),

final as (
  select
    ticket_id,
    cast(change_number as bigint) as change_number,
    changed_at,
    next_changed_at,
    from_status,
    to_status,
    -- Nothing was reopened that had never been solved.
    coalesce(from_status in ('solved', 'closed'), false)
    and to_status not in ('solved', 'closed')
    and solutions > 0 as is_reopening,
    is_inferred,
    -- A ticket that is open again has no solution; one that was closed without another has none any more. To be solved
    -- after it was closed is no further solution.
    case
      when to_status in ('solved', 'closed')
        then
          min(case when to_status = 'solved' then changed_at end) over (
            partition by ticket_id, stretch
            order by change_number
            rows unbounded preceding
          )
    end as solved_at
  from with_neighbours
)

select * from final
