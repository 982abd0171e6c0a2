with accepted as (
  {{ accepted('canonical', 'survey_invitations') }}
),

listed as (
  {{ listed_touchpoints() }}
),

spelled as (
  select
    accepted.*,
    listed.listed_touchpoint
  from accepted
  left join listed on {{ folded_label('accepted.touchpoint') }} = listed.folded_touchpoint
)

select
  {{ source_id('canonical', 'invitation_id') }} as invitation_id,
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  {{ source_id('canonical', 'ticket_id') }} as ticket_id,
  survey_type,
  coalesce(listed_touchpoint, touchpoint) as touchpoint,
  sent_at
from spelled
