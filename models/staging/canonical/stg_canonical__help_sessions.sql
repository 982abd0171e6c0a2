with accepted as (
  {{ accepted('canonical', 'help_sessions') }}
)

select
  {{ source_id('canonical', 'help_session_id') }} as help_session_id,
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  {{ source_id('canonical', 'ticket_id') }} as ticket_id,
  started_at,
  articles_viewed,
  is_chatbot
from accepted
