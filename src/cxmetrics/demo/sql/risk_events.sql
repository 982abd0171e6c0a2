-- What goes wrong whether or not anybody asks, and whom the company tells of it: failed payments of a term, outages, and
-- the notices of these, of late deliveries and of an onboarding that was not finished. Who asked had a reason to.
create table plan.failed_payments as
with of_terms as (
    select subscription_id, after_seconds(started_at, 3600 * draw_between('payment fails at', subscription_id, 1, 30)) as failed_at
    from subscriptions
    where draw('payment fails', subscription_id) < 0.012 and failed_at < coalesce(ended_at, getvariable('as_of'))
),

of_tickets as (
    select
        subscriptions.subscription_id,
        greatest(
            subscriptions.started_at,
            after_seconds(tickets.contacted_at, -1800 - 3600 * 40 * draw('payment failed before', tickets.contact_key))
        ) as failed_at
    from plan.tickets as tickets
    asof inner join subscriptions
        on tickets.customer_id = subscriptions.customer_id and tickets.contacted_at > subscriptions.started_at
    where tickets.contact_reason = 'payment_failed'
)

select subscription_id, min(failed_at) as payment_failed_at
from (from of_terms union all from of_tickets)
group by subscription_id;

create or replace table subscriptions as
select subscriptions.*, failed_payments.payment_failed_at
from subscriptions
left join plan.failed_payments as failed_payments
    on subscriptions.subscription_id = failed_payments.subscription_id;

create table plan.outages as
select
    contact_key || '-outage' as event_key,
    customer_id,
    after_seconds(contacted_at, -600 - 36000 * draw('outage before', contact_key)) as happened_at
from plan.tickets
where contact_reason = 'outage'
union all
-- In every other month or so the service fails, and one customer in twenty notices.
select concat(customer_months.month_key, '-outage'), customer_months.customer_id, failures.happened_at
from plan.customer_months as customer_months
inner join (
    select month_number, instant_in_month(month_at, 'outage', month_number) as happened_at
    from plan.months
    where draw('outage', month_number) < 0.5
) as failures on customer_months.month_number = failures.month_number
where
    draw('meets the outage', customer_months.month_key) < 0.05
    and failures.happened_at between customer_months.active_from and customer_months.active_until;

create table plan.risk_touchpoints as
with at_risk as (
    select concat(order_id, '-late') as event_key, customer_id, promised_at as happened_at, 'delay_notice' as notice
    from orders
    where coalesce(delivered_at, getvariable('as_of')) > promised_at
    union all
    select concat(order_id, '-payment'), customer_id, payment_failed_at, 'payment_reminder'
    from orders
    where payment_failed_at is not null
    union all
    select concat(subscription_id, '-payment'), customer_id, payment_failed_at, 'payment_reminder'
    from subscriptions
    where payment_failed_at is not null
    union all
    select event_key, customer_id, happened_at, 'outage_notice' from plan.outages
    union all
    select concat(customer_id, '-onboarding'), customer_id, first_started_at + interval 30 days, 'onboarding_reminder'
    from plan.customers as customers
    where
        not is_carried_over
        and not exists (
            select 1
            from plan.early_touchpoints as touchpoints
            where
                touchpoints.customer_id = customers.customer_id
                and touchpoints.touchpoint = 'first_value'
                and touchpoints.occurred_at <= customers.first_started_at + interval 30 days
        )
)

select
    event_key || '-notice' as touch_key,
    customer_id,
    after_seconds(happened_at, 3600 * draw_skewed('told after', event_key, 14, 0.9)) as occurred_at,
    notice as touchpoint,
    'email' as channel
from at_risk
where draw('is told', event_key) < case notice when 'outage_notice' then 0.55 when 'delay_notice' then 0.35 else 0.45 end
union all
select event_key, customer_id, happened_at, 'outage', 'web' from plan.outages;
