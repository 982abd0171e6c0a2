with final as (
  select
    order_id,
    customer_id,
    source,
    ordered_at,
    amount,
    margin,
    cast(
      row_number() over (partition by customer_id order by ordered_at, order_id) as bigint
    ) as customer_order_number
  from {{ ref('int_orders') }}
)

select * from final
