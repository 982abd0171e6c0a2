-- What somebody bought, and what of it was given back. A refund is no purchase, and neither is what costs nothing, such as
-- a replacement. An order of an amount that nobody states is one.
with orders as (
  select
    *,
    refund_of is not null or coalesce(amount < 0, false) as is_refund
  from {{ ref('int_orders') }}
),

-- Whether a source writes what it gives back below zero or above.
refunds as (
  select
    refund_of,
    case when count(*) = count(amount) then sum(abs(amount)) end as amount,
    case when count(*) = count(margin) then sum(abs(margin)) end as margin
  from orders
  where refund_of is not null
  group by refund_of
),

final as (
  select
    orders.order_id,
    orders.customer_id,
    orders.source,
    orders.ordered_at,
    orders.amount,
    orders.margin,
    case when refunds.refund_of is null then 0 else refunds.amount end as refunded_amount,
    case when refunds.refund_of is null then 0 else refunds.margin end as refunded_margin
  from orders
  left join refunds on orders.order_id = refunds.refund_of
  where not orders.is_refund and coalesce(orders.amount > 0, true)
)

select * from final
