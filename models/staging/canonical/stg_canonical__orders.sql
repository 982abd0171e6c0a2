with accepted as (
  {{ accepted('canonical', 'orders') }}
),

priced as (
  {{ priced('accepted', 'ordered_at') }}
)

select
  {{ source_id('canonical', 'order_id') }} as order_id,
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  ordered_at,
  amount * currency_rate as amount,
  margin * currency_rate as margin,
  promised_at,
  delivered_at,
  payment_failed_at,
  {{ source_id('canonical', 'refund_of') }} as refund_of
from priced
