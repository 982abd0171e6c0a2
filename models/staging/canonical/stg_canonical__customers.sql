with accepted as (
  {{ accepted('canonical', 'customers') }}
)

select
  {{ source_id('canonical', 'customer_id') }} as customer_id,
  segment,
  region,
  acquired_at,
  acquisition_channel
from accepted
