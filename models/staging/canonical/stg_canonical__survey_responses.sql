with accepted as (
  {{ accepted('canonical', 'survey_responses') }}
)

select
  {{ source_id('canonical', 'response_id') }} as response_id,
  {{ source_id('canonical', 'invitation_id') }} as invitation_id,
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  {{ source_id('canonical', 'ticket_id') }} as ticket_id,
  survey_type,
  touchpoint,
  score,
  scale_min,
  scale_max,
  is_reversed,
  responded_at
from accepted
