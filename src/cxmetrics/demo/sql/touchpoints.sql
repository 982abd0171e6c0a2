-- Where customers and company meet, over the eight stages. Two experiments run: when the welcome call comes, and how
-- early the renewal notice.
create table plan.touchpoints as
with newcomers as (
    select * from plan.customers where not is_carried_over
),

before_signing as (
    select
        concat(customer_id, '-', touchpoint, '-', slot) as touch_key,
        customer_id,
        after_seconds(acquired_at, -600 - 86400 * reach_days * draw('before', touch_key)) as occurred_at,
        touchpoint,
        channel
    from newcomers
    cross join (values
        ('ad_click', 'social', 0.35, 20), ('website_visit', 'web', 0.70, 14), ('product_page', 'web', 0.65, 7)
    ) as places (touchpoint, channel, share, reach_days)
    cross join range(3) as slots (slot)
    where
        draw('comes', touch_key) < share
        and (touchpoint != 'ad_click' or acquisition_channel in ('paid_search', 'social_media'))
),

starting as (
    select
        concat(customer_id, '-', touchpoint) as touch_key,
        customer_id,
        if(
            touchpoint = 'trial',
            after_seconds(acquired_at, 60 + 500 * draw('starts', touch_key)),
            after_seconds(first_started_at, 86400 * (from_day + draw('starts', touch_key) * (until_day - from_day)))
        ) as occurred_at,
        touchpoint,
        channel
    from newcomers
    cross join (values
        ('trial', 'web', 0.65, 0, 0), ('welcome_call', 'phone', 0.70, 0.1, 3), ('setup_wizard', 'web', 0.86, 0.01, 9), ('first_value', 'web', 0.68, 2, 40)
    ) as places (touchpoint, channel, share, from_day, until_day)
    where draw('happens', touch_key) < share
),

buying as (
    select concat(customer_id, '-', cycle, '-checkout') as touch_key, customer_id, started_at as occurred_at, 'checkout' as touchpoint, 'web' as channel
    from plan.cycles
    where started_at > getvariable('window_start')
    union all
    select order_key || '-checkout', customer_id, ordered_at, 'checkout', 'web' from plan.orders
    union all
    select order_key || '-delivery', customer_id, delivered_at, 'delivery', 'web' from plan.orders
),

using_it as (
    select
        concat(month_key, '-', touchpoint, '-', slot) as touch_key,
        customer_id,
        instant_in_month(month_at, 'uses', touch_key) as occurred_at,
        touchpoint,
        channel
    from plan.customer_months
    cross join (values
        ('app_session', 'web', 0.30, 4), ('billing_page', 'web', 0.16, 1), ('website_visit', 'web', 0.12, 1), ('community_post', 'social', 0.025, 1)
    ) as places (touchpoint, channel, share, slots)
    cross join range(4) as numbers (slot)
    where slot < slots and draw('uses', touch_key) < share and occurred_at between active_from and active_until
),

helping as (
    select help_session_id || '-touch' as touch_key, customer_id, started_at as occurred_at, 'help_center' as touchpoint, 'web' as channel
    from help_sessions
    union all
    select ticket_id || '-touch', customer_id, created_at, if(channel = 'phone', 'support_call', 'support_ticket'), channel
    from tickets
),

renewing as (
    select
        subscription_id || '-notice' as touch_key,
        customer_id,
        -- The early variant comes twice as long before the end.
        after_seconds(ended_at, -86400 * if(draw('variant', 'renewal_notice' || customer_id) < 0.5, 14, 28)) as occurred_at,
        'renewal_notice' as touchpoint,
        'email' as channel
    from plan.terms
    where term_months = 12 and ended_at is not null
    union all
    select subscription_id || '-checkout', customer_id, paid_from, 'renewal_checkout', 'web'
    from plan.terms
    where term_number > 1 and (term_months = 12 or draw('pays by hand', customer_id) < 0.15)
),

inviting as (
    select
        referral_id || '-touch' as touch_key,
        referrer_customer_id as customer_id,
        after_seconds(referred_at, -86400 * (0.5 + 9 * draw('invited', referral_id))) as occurred_at,
        'referral_invite' as touchpoint,
        'email' as channel
    from referrals
),

-- Somebody looks at the site in the last second, so that the data end at the as-of instant.
closing as (
    select 'last', min(customer_id), getvariable('as_of'), 'website_visit', 'web' from plan.customers
)

from before_signing union all from starting union all from buying union all from using_it union all from helping
union all from renewing union all from inviting union all from closing;

create table touchpoint_events as
select
    'E' || lpad((row_number() over (order by occurred_at, touch_key))::varchar, 8, '0') as touchpoint_event_id,
    touchpoints.customer_id,
    occurred_at,
    touchpoint,
    touchpoints.channel,
    touchpoint in ('welcome_call', 'renewal_notice', 'referral_invite') or coalesce(tickets.is_proactive, false) as is_proactive,
    case touchpoint when 'welcome_call' then 'welcome_call_timing' when 'renewal_notice' then 'renewal_notice_lead' end as experiment,
    case
        when experiment is null then null
        when draw('variant', touchpoint || touchpoints.customer_id) < 0.5 then 'control'
        else 'early'
    end as variant
from plan.touchpoints as touchpoints
left join tickets on touchpoints.touch_key = tickets.ticket_id || '-touch'
where occurred_at between getvariable('window_start') and getvariable('as_of');
