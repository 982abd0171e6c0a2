with orders as (
  select
    *,
    {{ dbt.dateadd('day', var('repeat_purchase_days'), 'ordered_at') }} as repeatable_until
  from {{ ref('int_purchases') }}
),

-- Orders of one moment are one purchase in several parts: a further order comes later.
moments as (
  select
    customer_id,
    ordered_at,
    lead(ordered_at) over (partition by customer_id order by ordered_at) as next_ordered_at
  from orders
  where customer_id is not null
  group by customer_id, ordered_at
),

first_terms as (
  select
    customer_id,
    min(started_at) as subscribed_at
  from {{ ref('int_subscriptions') }}
  where coalesce(term_kind, 'paid') != 'trial'
  group by customer_id
),

final as (
  select
    orders.order_id,
    orders.customer_id,
    orders.source,
    orders.ordered_at,
    {{ reporting_date('orders.ordered_at') }} as ordered_on,
    moments.next_ordered_at,
    orders.amount,
    orders.margin,
    orders.refunded_amount,
    orders.refunded_margin,
    cast(
      row_number() over (partition by orders.customer_id order by orders.ordered_at, orders.order_id) as bigint
    ) as customer_order_number,
    -- Of a customer older than the source's orders nobody knows the first one.
    case
      when orders.customer_id is null then null
      when customers.acquired_at < coverage.orders_since then false
      else
        row_number() over (partition by orders.customer_id order by orders.ordered_at, orders.order_id) = 1
    end as is_first_order,
    -- An order of the same moment is another part of one purchase.
    case
      when orders.customer_id is null then null
      when customers.acquired_at < coverage.orders_since then true
      else
        min(orders.ordered_at) over (partition by orders.customer_id) < orders.ordered_at
        or coalesce(first_terms.subscribed_at < orders.ordered_at, false)
    end as is_by_existing_customer,
    case
      when orders.customer_id is not null and orders.repeatable_until <= {{ told_until(['orders']) }}
        then coalesce(moments.next_ordered_at <= orders.repeatable_until, false)
    end as is_repeated
  from orders
  left join moments on orders.customer_id = moments.customer_id and orders.ordered_at = moments.ordered_at
  left join {{ ref('int_customers') }} as customers on orders.customer_id = customers.customer_id
  left join first_terms on orders.customer_id = first_terms.customer_id
  left join {{ ref('int_source_coverage') }} as coverage on orders.source = coverage.source
  cross join {{ ref('build_as_of') }} as build
)

select * from final
