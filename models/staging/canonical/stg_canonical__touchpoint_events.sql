with accepted as (
  {{ accepted('canonical', 'touchpoint_events') }}
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
  {{ source_id('canonical', 'touchpoint_event_id') }} as touchpoint_event_id,
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  occurred_at,
  coalesce(listed_touchpoint, touchpoint) as touchpoint,
  channel,
  is_proactive,
  experiment,
  variant
from spelled
