with accepted as (
  {{ accepted('canonical', 'tickets') }}
)

select
  {{ source_id('canonical', 'ticket_id') }} as ticket_id,
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  {{ source_id('canonical', 'agent_id') }} as agent_id,
  created_at,
  channel,
  contact_reason,
  priority,
  status,
  team,
  schedule,
  is_proactive,
  sla_met
from accepted
