with accepted as (
  {{ accepted('canonical', 'subscriptions') }}
),

priced as (
  {{ priced('accepted', 'started_at') }}
)

select
  {{ source_id('canonical', 'subscription_id') }} as subscription_id,
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  {{ source_id('canonical', 'renewed_from') }} as renewed_from,
  {{ source_id('canonical', 'change_of') }} as change_of,
  term_kind,
  started_at,
  ended_at,
  monthly_amount * currency_rate as monthly_amount,
  payment_failed_at
from priced
