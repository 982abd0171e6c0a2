-- Whether a ticket is open is a state; how many are open at the end of a day is the sum of all changes up to then.
with tickets as (
  select
    tickets.ticket_id,
    tickets.customer_id,
    tickets.created_at,
    lifecycle.merged_at
  from {{ ref('int_tickets') }} as tickets
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on tickets.ticket_id = lifecycle.ticket_id
  where lifecycle.has_states
),

states as (
  select
    ticket_id,
    customer_id,
    created_at as changed_at,
    1 as is_open,
    0 as order_at_once,
    cast(null as {{ dbt.type_string() }}) as event_id
  from tickets
  union all
  select
    tickets.ticket_id,
    tickets.customer_id,
    -- A clock that runs behind closes no ticket before it was opened.
    greatest(events.occurred_at, tickets.created_at) as changed_at,
    case when events.event_type = 'merged' or events.to_value in ('solved', 'closed') then 0 else 1 end as is_open,
    -- When several changes carry one timestamp, a ticket that was solved at that moment counts as solved.
    case when events.event_type = 'merged' or events.to_value in ('solved', 'closed') then 2 else 1 end as order_at_once,
    events.event_id
  from {{ ref('int_ticket_events') }} as events
  inner join tickets on events.ticket_id = tickets.ticket_id
  where
    events.event_type = 'merged'
    -- What becomes of a ticket after its merge is told of the other one.
    or (
      events.event_type = 'status_changed'
      and events.to_value is not null
      and coalesce(events.occurred_at <= tickets.merged_at, true)
    )
),

numbered as (
  select
    *,
    coalesce(lag(is_open) over (partition by ticket_id order by changed_at, order_at_once, event_id), 0) as was_open,
    row_number() over (partition by ticket_id order by changed_at, order_at_once, event_id) as state_number
  from states
),

final as (
  select
    ticket_id || ':' || state_number as ticket_change_id,
    ticket_id,
    customer_id,
    changed_at,
    cast(is_open - was_open as bigint) as open_change
  from numbered
  where is_open != was_open
)

select * from final
