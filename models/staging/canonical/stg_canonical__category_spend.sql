with accepted as (
  {{ accepted('canonical', 'category_spend') }}
),

priced as (
  {{ priced('accepted', 'month') }}
)

select
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  month,
  category_spend * currency_rate as category_spend
from priced
