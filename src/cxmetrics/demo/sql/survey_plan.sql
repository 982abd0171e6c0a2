-- Who is asked what, and what they feel. feeling is in points of a five-step scale around its middle of the road:
-- service surveys, of every type, feel how the contact was handled; relationship surveys feel what caused the contacts.
-- That is how service can score well while customers leave.
create table plan.invitations as
with handled as (
    select
        *,
        -- One in ten is asked the question of the relationship right after a contact.
        case
            when draw('asked', contact_key) >= 0.58 then 'ces'
            when draw('would recommend', contact_key) < 0.14 then 'nps'
            else 'csat'
        end as survey_type
    from plan.handled
    where solved_at is not null and not is_proactive and draw('asked', contact_key) < 0.80
),

after_service as (
    select
        ticket_id || '-' || survey_type as survey_key,
        customer_id,
        ticket_id,
        survey_type,
        if(channel = 'phone', 'support_call', 'support_ticket') as touchpoint,
        after_seconds(solved_at, 900 + 7200 * draw('asked after', contact_key)) as sent_at,
        1.55
        - 1.1 * (slowness - 1.05)
        - 0.45 * is_transferred::integer
        - 0.9 * least(reopened, 1)
        - 0.22 * least(turns, 3)
        - 0.10 * least(coalesce(reply_seconds, 32400) / 7200.0, 6)
        -- What is planted is a failure of the experience: there service leaves little to be desired.
        + 0.5 * is_planted::integer as feeling,
        0.24 as willingness
    from handled
),

after_touchpoints as (
    select
        touch_key || '-survey' as survey_key,
        customer_id,
        null::varchar as ticket_id,
        survey_type,
        places.touchpoint,
        after_seconds(occurred_at, 3600 + 86400 * draw('asked after', touch_key)) as sent_at,
        level - if(places.touchpoint = 'delivery' and touch_key like '%-late-%', 2.2, 0) as feeling,
        0.16 as willingness
    from plan.touchpoints as touchpoints
    inner join (values
        ('delivery', 'csat', 0.22, 1.2), ('checkout', 'ces', 0.12, 1.3), ('setup_wizard', 'ces', 0.50, 0.8),
        ('welcome_call', 'csat', 0.50, 1.5), ('renewal_checkout', 'nps', 0.12, 0.8), ('help_center', 'csat', 0.10, 0.7)
    ) as places (touchpoint, survey_type, share, level) on touchpoints.touchpoint = places.touchpoint
    where draw('asked', touch_key) < share
),

relationship as (
    select
        month_key || '-relationship' as survey_key,
        customer_id,
        null::varchar as ticket_id,
        'nps' as survey_type,
        'relationship' as touchpoint,
        after_seconds(
            month_at,
            86400 * draw_between('asked on', month_key, 4, 20) + 32400 + 3600 * draw('asked hour', month_key)
        ) as sent_at,
        1.35 - 0.15 * least(exposure, 2) as feeling,
        0.22 as willingness
    from plan.customer_months
    -- Everybody is asked every half year, a sixth of the customers each month.
    where
        (month_number + draw_between('half-year', customer_id, 0, 5)) % 6 = 0
        and sent_at between active_from and active_until
)

from after_service where sent_at <= getvariable('as_of')
union all
from after_touchpoints where sent_at between getvariable('window_start') and getvariable('as_of')
union all
from relationship;

create table plan.asked as
with suffered as (
    select invitations.survey_key, max(tickets.annoyance) as worst
    from plan.invitations as invitations
    inner join plan.tickets as tickets
        on
            invitations.customer_id = tickets.customer_id
            and tickets.contacted_at between invitations.sent_at - interval 150 days and invitations.sent_at
    where invitations.survey_type = 'nps' and invitations.ticket_id is null
    group by invitations.survey_key
),

leaving as (
    select distinct invitations.survey_key
    from plan.invitations as invitations
    inner join plan.cycles as cycles
        on
            invitations.customer_id = cycles.customer_id
            and cycles.ended_at between invitations.sent_at and invitations.sent_at + interval 60 days
    where invitations.survey_type = 'nps' and invitations.ticket_id is null
)

select
    invitations.* exclude (feeling),
    'V' || lpad((row_number() over (order by sent_at, invitations.survey_key))::varchar, 7, '0') as invitation_id,
    feeling
    - 0.65 * greatest(coalesce(suffered.worst, 1) - 1, 0)
    - if(leaving.survey_key is null, 0, 0.4)
    + 0.85 * draw_normal('feels', invitations.survey_key) as feeling
from plan.invitations as invitations
left join suffered on invitations.survey_key = suffered.survey_key
left join leaving on invitations.survey_key = leaving.survey_key;
