with final as (
  select
    customer_id,
    source,
    segment,
    region,
    acquisition_channel,
    acquired_at
  from {{ ref('int_customers') }}
)

select * from final
