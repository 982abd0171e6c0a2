with accepted as (
  {{ accepted('canonical', 'category_spend') }}
)

select
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  month,
  category_spend
from accepted
