with accepted as (
  {{ accepted('canonical', 'survey_invitations') }}
)

select
  {{ source_id('canonical', 'invitation_id') }} as invitation_id,
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  {{ source_id('canonical', 'ticket_id') }} as ticket_id,
  survey_type,
  touchpoint,
  sent_at
from accepted
