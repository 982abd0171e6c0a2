-- Who the customers are. About half were there before the window opens; they are those of an older, larger crowd who
-- stayed, and their subscriptions are carried over on the first day of the window.
create table plan.segments as
select * from (values
    -- share of customers, contacts a month, most contacts a month, monthly amount, order value, orders a month
    ('consumer', 0.00, 0.72, 0.28, 3, 24.0, 45.0, 0.30),
    ('business', 0.72, 0.94, 0.56, 4, 180.0, 260.0, 0.45),
    ('enterprise', 0.94, 1.00, 1.65, 8, 1900.0, 2400.0, 0.70)
) as segments (segment, low, high, contacts_a_month, contact_slots, monthly_amount, order_amount, orders_a_month);

create table plan.customers as
with numbered as (
    select 'C' || lpad(number::varchar, 6, '0') as customer_id
    from range(1, getvariable('customers')::bigint + 1) as numbers (number)
),

described as (
    select
        numbered.customer_id,
        segments.*,
        case
            when draw('region', customer_id) < 0.34 then 'north'
            when draw('region', customer_id) < 0.60 then 'south'
            when draw('region', customer_id) < 0.82 then 'east'
            else 'west'
        end as region,
        case
            when draw('acquisition', customer_id) < 0.34 then 'organic_search'
            when draw('acquisition', customer_id) < 0.60 then 'paid_search'
            when draw('acquisition', customer_id) < 0.76 then 'social_media'
            when draw('acquisition', customer_id) < 0.90 then 'referral'
            else 'partner'
        end as acquisition_channel,
        draw('carried over', customer_id) < 0.5 as is_carried_over,
        draw('subscriber', customer_id) < 0.95 as is_subscriber,
        -- Some customers meet trouble more often than others; this is what makes their contacts cluster.
        round(draw_skewed('exposure', customer_id, 0.85, 0.55), 2) as exposure
    from numbered
    inner join plan.segments as segments
        on
            draw('segment', numbered.customer_id) >= segments.low
            and draw('segment', numbered.customer_id) < segments.high
),

dated as (
    select
        *,
        case
            when is_carried_over
                then date_trunc('day', after_seconds(
                    getvariable('window_start'), -86400 - draw('acquired', customer_id) * 3 * 365 * 86400
                ))
            else date_trunc('day', after_seconds(
                getvariable('window_start'),
                draw('acquired', customer_id)
                * (epoch(getvariable('as_of')) - epoch(getvariable('window_start')))
            ))
        end + to_seconds(second_of_day(draw('acquired time', customer_id))) as acquired_at,
        case
            when segment = 'enterprise' or draw('term', customer_id) < if(segment = 'business', 0.6, 0.25) then 12
            else 1
        end as term_months
    from described
)

select
    * exclude (low, high, monthly_amount),
    draw_skewed('monthly amount', customer_id, monthly_amount, 0.35) as monthly_amount,
    -- Between signing up and the first term lie up to two weeks of trial.
    if(
        is_carried_over,
        getvariable('window_start'),
        after_seconds(acquired_at, 600 + draw('trial', customer_id) * if(is_subscriber, 14, 1) * 86400)
    ) as first_started_at
from dated;

create table customers as
select customer_id, segment, region, acquired_at, acquisition_channel from plan.customers;
