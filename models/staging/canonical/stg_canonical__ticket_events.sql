with accepted as (
  {{ accepted('canonical', 'ticket_events') }}
)

select
  {{ source_id('canonical', 'event_id') }} as event_id,
  {{ source_id('canonical', 'ticket_id') }} as ticket_id,
  {{ source_id('canonical', 'actor_id') }} as actor_id,
  occurred_at,
  event_type,
  actor_type,
  from_value,
  to_value
from accepted
