with accepted as (
  {{ accepted('canonical', 'touchpoint_events') }}
)

select
  {{ source_id('canonical', 'touchpoint_event_id') }} as touchpoint_event_id,
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  occurred_at,
  touchpoint,
  channel,
  is_proactive,
  experiment,
  variant
from accepted
