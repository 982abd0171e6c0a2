with accepted as (
  {{ accepted('canonical', 'interactions') }}
)

select
  {{ source_id('canonical', 'interaction_id') }} as interaction_id,
  {{ source_id('canonical', 'ticket_id') }} as ticket_id,
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  {{ source_id('canonical', 'agent_id') }} as agent_id,
  channel,
  started_at,
  wait_seconds,
  talk_seconds,
  hold_seconds,
  wrap_seconds,
  is_abandoned
from accepted
