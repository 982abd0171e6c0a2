with accepted as (
  {{ accepted('canonical', 'referrals') }}
)

select
  {{ source_id('canonical', 'referral_id') }} as referral_id,
  {{ source_id('canonical', 'referrer_customer_id') }} as referrer_customer_id,
  referred_at,
  converted_at
from accepted
