-- Purchases beside the subscriptions. A late delivery that somebody complained about had an order first.
create table plan.orders as
with usual as (
    select
        concat(month_key, '-', slot) as order_key,
        customer_id,
        order_amount,
        instant_in_month(month_at, 'order', order_key) as ordered_at,
        after_seconds(
            ordered_at,
            86400 * draw_between('delivery days', order_key, 1, 4)
            + 3600 * draw_between('delivery hour', order_key, 0, 8)
        ) as delivered_at,
        -- One in twenty takes longer than promised, and nobody complains.
        end_of_day(
            if(draw('is late', order_key) < 0.05, delivered_at - interval 24 hours, ordered_at + interval 5 days)
        ) as promised_at
    from plan.customer_months
    cross join range(2) as slots (slot)
    where
        draw('orders', order_key)
        < orders_a_month / 2 * [1.05, 0.95, 1, 1, 1, 0.95, 0.9, 0.9, 1, 1.05, 1.25, 1.3][month(month_at)]
        and ordered_at between active_from and active_until
),

late as (
    select
        concat(tickets.contact_key, '-late') as order_key,
        tickets.customer_id,
        customers.order_amount,
        after_seconds(
            tickets.contacted_at,
            -86400 * (3 + 4 * draw('complains after', tickets.contact_key))
        ) as ordered_at,
        after_seconds(
            tickets.contacted_at,
            86400 * (1 + 6 * draw('arrives after', tickets.contact_key))
        ) as delivered_at,
        end_of_day(ordered_at + interval 48 hours) as promised_at
    from plan.tickets as tickets
    inner join plan.customers as customers on tickets.customer_id = customers.customer_id
    where
        tickets.contact_reason = 'delivery_late'
        and ordered_at >= greatest(getvariable('window_start'), customers.acquired_at)
)

select *, draw_skewed('order amount', order_key, order_amount, 0.7) as amount
from (from usual union all from late);

create table orders as
select
    'O' || lpad((row_number() over (order by ordered_at, order_key))::varchar, 7, '0') as order_id,
    customer_id,
    ordered_at,
    amount,
    'EUR' as currency,
    null as refund_of,
    -- A few orders are sold at a loss.
    round(amount * (0.34 + 0.12 * draw_normal('margin', order_key)), 2) as margin,
    promised_at,
    if(delivered_at <= getvariable('as_of'), delivered_at, null) as delivered_at,
    if(
        draw('order is not paid', order_key) < 0.012 and ordered_at + interval 5 seconds <= getvariable('as_of'),
        ordered_at + interval 5 seconds,
        null
    ) as payment_failed_at
from plan.orders;

-- What the customer spends in our category with everybody, estimated for some customers only, never below our own part.
create table category_spend as
with own as (
    select customer_id, date_trunc('month', ordered_at) as month_at, sum(amount::decimal(18, 2)) as amount
    from orders
    group by customer_id, month_at
),

months as (
    select customer_id, month_at, any_value(if(is_subscriber, monthly_amount, 0)) as monthly_amount
    from plan.customer_months
    where draw('has estimate', customer_id) < 0.42
    group by customer_id, month_at
)

select
    months.customer_id,
    months.month_at::date as month,
    round(
        (months.monthly_amount * 2 + 20 + coalesce(own.amount, 0)::double)
        * (
            1.0
            + 1.5 * draw('other suppliers', months.customer_id)
            + 0.3 * draw('other this month', concat(months.customer_id, months.month_at))
        ),
        2
    ) as category_spend,
    'EUR' as currency
from months
left join own on months.customer_id = own.customer_id and months.month_at = own.month_at;
