with accepted as (
  {{ accepted('canonical', 'vendor_scores') }}
)

select
  {{ source_id('canonical', 'vendor_score_id') }} as vendor_score_id,
  {{ source_id('canonical', 'ticket_id') }} as ticket_id,
  {{ source_id('canonical', 'agent_id') }} as agent_id,
  score_name,
  score,
  scored_at
from accepted
