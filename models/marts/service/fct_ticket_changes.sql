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
    0 as change_number
  from tickets
  union all
  select
    tickets.ticket_id,
    tickets.customer_id,
    -- A clock that runs behind closes no ticket before it was opened.
    greatest(changes.changed_at, tickets.created_at) as changed_at,
    case when changes.to_status in ('solved', 'closed') then 0 else 1 end as is_open,
    1 as order_at_once,
    changes.change_number
  from {{ ref('int_ticket_status_changes') }} as changes
  inner join tickets on changes.ticket_id = tickets.ticket_id
  -- What becomes of a ticket after its merge is told of the other one.
  where tickets.merged_at is null or changes.changed_at <= tickets.merged_at
  union all
  select
    ticket_id,
    customer_id,
    greatest(merged_at, created_at) as changed_at,
    0 as is_open,
    2 as order_at_once,
    0 as change_number
  from tickets
  where merged_at is not null
),

numbered as (
  select
    *,
    coalesce(lag(is_open) over (partition by ticket_id order by changed_at, order_at_once, change_number), 0) as was_open,
    row_number() over (partition by ticket_id order by changed_at, order_at_once, change_number) as state_number
  from states
),

final as (
  select
    ticket_id || ':' || state_number as ticket_change_id,
    ticket_id,
    customer_id,
    changed_at,
    {{ reporting_date('changed_at') }} as changed_on,
    cast(is_open - was_open as bigint) as open_change
  from numbered
  where is_open != was_open
)

select * from final
