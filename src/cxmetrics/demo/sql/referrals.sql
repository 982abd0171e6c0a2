-- Customers who bring others, about three in ten with success, and visits to the help pages.
create table referrals as
with asked as (
    select
        month_key,
        customer_id,
        instant_in_month(month_at, 'referral', month_key) as referred_at,
        after_seconds(referred_at, 86400 * draw_skewed('converts after', month_key, 12, 0.7)) as planned_at
    from plan.customer_months
    where
        draw('refers', month_key) < if(exposure < 0.85, 0.022, 0.009)
        and referred_at between active_from and active_until
)

select
    'R' || lpad((row_number() over (order by referred_at, month_key))::varchar, 6, '0') as referral_id,
    customer_id as referrer_customer_id,
    referred_at,
    if(draw('converts', month_key) < 0.31 and planned_at <= getvariable('as_of'), planned_at, null) as converted_at
from asked;

create table help_sessions as
with visits as (
    select
        contact_key as visit_key,
        customer_id,
        greatest(
            after_seconds(contacted_at, -180 - draw('read for', contact_key) * 3600),
            getvariable('window_start')
        ) as started_at,
        draw_between('articles', contact_key, 1, 6) as articles_viewed,
        ticket_id
    from plan.tickets
    where not is_proactive and draw('reads first', contact_key) < if(channel in ('web', 'chat'), 0.42, 0.18)
    union all
    select
        concat(month_key, '-', slot) as visit_key,
        customer_id,
        instant_in_month(month_at, 'visit', visit_key) as started_at,
        draw_between('articles', visit_key, 0, 5) as articles_viewed,
        null::varchar as ticket_id
    from plan.customer_months
    cross join range(3) as slots (slot)
    where draw('visits', visit_key) < 0.09 * least(exposure, 2) and started_at between active_from and active_until
)

select
    'H' || lpad((row_number() over (order by started_at, visit_key))::varchar, 7, '0') as help_session_id,
    customer_id,
    started_at,
    articles_viewed,
    ticket_id,
    draw('asks the chatbot', visit_key) < 0.2 as is_chatbot
from visits;
