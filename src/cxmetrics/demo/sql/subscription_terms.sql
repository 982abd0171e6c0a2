-- One row per term. A renewal names the term it follows; a few start some days late, and some customers of the larger
-- segments hold a second subscription beside the first.
create table plan.terms as
with boundaries as (
    select
        cycles.*,
        cycles.anchored_at + to_months((number * cycles.term_months)::integer) as boundary_at
    from plan.cycles as cycles
    cross join range(1, getvariable('months')::bigint + 38) as numbers (number)
    where
        cycles.is_subscribed
        and boundary_at > cycles.started_at
        and boundary_at < coalesce(cycles.ended_at, getvariable('as_of'))
),

planned as (
    select
        customer_id,
        cycle,
        segment,
        term_months,
        ended_at as cycle_ended_at,
        started_at
    from plan.cycles
    where is_subscribed
    union all
    select customer_id, cycle, segment, term_months, ended_at, boundary_at from boundaries
),

numbered as (
    select
        *,
        row_number() over in_order as term_number,
        coalesce(lead(started_at) over in_order, cycle_ended_at) as ended_at
    from planned
    window in_order as (partition by customer_id, cycle order by started_at)
)

select
    *,
    'S' || customer_id[2:] || '-' || cycle || '-' || lpad(term_number::varchar, 3, '0') as subscription_id,
    if(
        term_number > 1
        and draw('late renewal', subscription_id) < 0.03
        and coalesce(started_at + interval 21 days < ended_at, true),
        after_seconds(started_at, 86400 * draw_between('late by', subscription_id, 1, 20)),
        started_at
    ) as paid_from
from numbered;

create table subscriptions as
with first_subscriptions as (
    select
        terms.subscription_id,
        terms.customer_id,
        terms.paid_from as started_at,
        terms.ended_at,
        lag(terms.subscription_id) over (
            partition by terms.customer_id, terms.cycle order by terms.term_number
        ) as renewed_from,
        -- Prices rise by three per cent a year.
        round(
            customers.monthly_amount * (1.0 + 0.03 * date_diff('year', customers.acquired_at, terms.started_at)),
            2
        ) as monthly_amount,
        'EUR' as currency,
        'paid' as term_kind,
        null::varchar as change_of
    from plan.terms as terms
    inner join plan.customers as customers on terms.customer_id = customers.customer_id
    where terms.paid_from <= getvariable('as_of')
),

second_subscriptions as (
    select
        'S' || cycles.customer_id[2:] || '-' || cycles.cycle || '-A' as subscription_id,
        cycles.customer_id,
        after_seconds(
            cycles.started_at,
            draw('second subscription at', cycles.customer_id)
            * (epoch(coalesce(cycles.ended_at, getvariable('as_of'))) - epoch(cycles.started_at))
        ) as started_at,
        cycles.ended_at,
        null::varchar as renewed_from,
        round(customers.monthly_amount * 0.35, 2) as monthly_amount,
        'EUR' as currency,
        'paid' as term_kind,
        null::varchar as change_of
    from plan.cycles as cycles
    inner join plan.customers as customers on cycles.customer_id = customers.customer_id
    where
        cycles.is_subscribed
        and cycles.segment != 'consumer'
        and draw('second subscription', concat(cycles.customer_id, cycles.cycle)) < 0.10
)

from first_subscriptions
union all
from second_subscriptions;

-- One row per customer, stay and calendar month: from when until when the customer can meet us.
create table plan.customer_months as
select
    customers.* exclude (first_started_at, term_months),
    cycles.cycle,
    months.month_number,
    months.month_at,
    concat(cycles.customer_id, '-', cycles.cycle, '-', months.month_number) as month_key,
    greatest(months.month_at, cycles.started_at) as active_from,
    least(
        months.month_at + interval 1 month - interval 1 second,
        coalesce(cycles.ended_at, getvariable('as_of'))
    ) as active_until
from plan.cycles as cycles
inner join plan.customers as customers on cycles.customer_id = customers.customer_id
cross join plan.months as months
where active_from < active_until;
