with accepted as (
  {{ accepted('canonical', 'orders') }}
)

select
  {{ source_id('canonical', 'order_id') }} as order_id,
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  ordered_at,
  amount,
  margin,
  promised_at,
  delivered_at,
  payment_failed_at,
  {{ source_id('canonical', 'refund_of') }} as refund_of
from accepted
