-- Where customers and company meet before the purchase, at it and in use; the later stages follow in
-- touchpoint_events.sql.
create table plan.early_touchpoints as
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
        ('trial', 'web', 0.65, 0, 0),
        ('welcome_call', 'phone', 0.70, 0.1, 3),
        ('setup_wizard', 'web', 0.86, 0.01, 9),
        ('first_value', 'web', 0.68, 2, 40)
    ) as places (touchpoint, channel, share, from_day, until_day)
    where draw('happens', touch_key) < share
),

buying as (
    select
        concat(customer_id, '-', cycle, '-checkout') as touch_key,
        customer_id,
        started_at as occurred_at,
        'checkout' as touchpoint,
        'web' as channel
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
        ('app_session', 'web', 0.30, 3),
        ('billing_page', 'web', 0.16, 1),
        ('website_visit', 'web', 0.12, 1),
        ('community_post', 'social', 0.025, 1)
    ) as places (touchpoint, channel, share, slots)
    cross join range(3) as numbers (slot)
    where slot < slots and draw('uses', touch_key) < share and occurred_at between active_from and active_until
)

from before_signing
union all
from starting
union all
from buying
union all
from using_it;
