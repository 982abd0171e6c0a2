-- A ticket whose events tell its states is open exactly when its changes add up to 1, and they never add up to anything but 0 or 1.
with changes as (
  select
    ticket_id,
    sum(open_change) as open_tickets
  from {{ ref('fct_ticket_changes') }}
  group by ticket_id
),

states as (
  select
    tickets.ticket_id,
    case when tickets.status in ('solved', 'closed') or tickets.is_merged then 0 else 1 end as open_tickets
  from {{ ref('fct_tickets') }} as tickets
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on tickets.ticket_id = lifecycle.ticket_id
  where lifecycle.has_states
)

select
  states.ticket_id,
  states.open_tickets as by_status,
  changes.open_tickets as by_changes
from states
left join changes on states.ticket_id = changes.ticket_id
where changes.open_tickets is distinct from states.open_tickets
