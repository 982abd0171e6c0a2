-- Where customers and company meet in service, at the renewal and when they bring others, and all stages together. Two
-- experiments run: when the welcome call comes, and how early the renewal notice.
create table plan.touchpoints as
with helping as (
    select
        help_session_id || '-touch' as touch_key,
        customer_id,
        started_at as occurred_at,
        'help_center' as touchpoint,
        'web' as channel
    from help_sessions
    union all
    select
        ticket_id || '-touch',
        customer_id,
        created_at,
        if(channel = 'phone', 'support_call', 'support_ticket'),
        channel
    from tickets
),

renewing as (
    select
        subscription_id || '-notice' as touch_key,
        customer_id,
        -- The early variant comes twice as long before the end.
        after_seconds(
            ended_at,
            -86400 * if(draw('variant', 'renewal_notice' || customer_id) < 0.5, 14, 28)
        ) as occurred_at,
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

from plan.early_touchpoints
union all
from plan.risk_touchpoints
union all
from helping
union all
from renewing
union all
from inviting
union all
from closing;

create table touchpoint_events as
select
    'E' || lpad((row_number() over (order by occurred_at, touch_key))::varchar, 8, '0') as touchpoint_event_id,
    touchpoints.customer_id,
    occurred_at,
    touchpoint,
    touchpoints.channel,
    touchpoint in (
        'welcome_call', 'renewal_notice', 'referral_invite',
        'delay_notice', 'payment_reminder', 'onboarding_reminder', 'outage_notice'
    )
    or coalesce(tickets.is_proactive, false) as is_proactive,
    case touchpoint
        when 'welcome_call' then 'welcome_call_timing'
        when 'renewal_notice' then 'renewal_notice_lead'
    end as experiment,
    case
        when experiment is null then null
        when draw('variant', touchpoint || touchpoints.customer_id) < 0.5 then 'control'
        else 'early'
    end as variant
from plan.touchpoints as touchpoints
left join tickets on touchpoints.touch_key = tickets.ticket_id || '-touch'
where occurred_at between getvariable('window_start') and getvariable('as_of');
