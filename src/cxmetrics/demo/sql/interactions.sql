-- One row per handled contact: each call, chat or written reply, and the calls and chats people gave up.
create table interactions as
with replies as (
    select
        handled.*,
        events.event_id,
        events.actor_id as handler_id,
        case
            when is_live and events.occurred_at = replied_at then reply_seconds
            when is_live then round(draw_skewed('wait', event_id, 12, 0.7))
        end as wait_seconds,
        -- An interaction starts when the customer begins to wait; nobody waits on the line for a written answer.
        after_seconds(events.occurred_at, -coalesce(wait_seconds, 0)) as started_at
    from ticket_events as events
    inner join plan.handled as handled on events.ticket_id = handled.ticket_id
    where events.event_type = 'public_reply'
),

answered as (
    select
        event_id || '-I' as interaction_id,
        ticket_id,
        customer_id,
        channel,
        handler_id as agent_id,
        started_at,
        wait_seconds,
        round(
            draw_skewed('talk', event_id, case channel when 'phone' then 290 when 'chat' then 420 else 240 end, 0.6)
            * effort
        ) as talk_seconds,
        if(
            is_live and draw('is on hold', event_id) < 0.35,
            round(draw_skewed('on hold', event_id, 55, 0.8)),
            0
        ) as hold_seconds,
        round(draw_skewed('wrap', event_id, 65, 0.6) * slowness) as wrap_seconds,
        false as is_abandoned
    from replies
),

abandoned as (
    select
        ticket_id || '-000-I' as interaction_id,
        null::varchar as ticket_id,
        customer_id,
        channel,
        null::varchar as agent_id,
        -- The attempt before the one that got through.
        after_seconds(contacted_at, -120 - draw('attempt', contact_key) * 3000) as started_at,
        round(draw_skewed('patience', contact_key, 95, 0.7)) as wait_seconds,
        null::double as talk_seconds,
        null::double as hold_seconds,
        null::double as wrap_seconds,
        true as is_abandoned
    from plan.handled
    where
        is_live
        and draw('gives up', contact_key) < 0.10
        and is_working(started_at)
        and started_at >= getvariable('window_start')
)

from answered
union all
from abandoned;

-- What two vendor models would say about the recorded calls and chats, both 0 to 10.
create table vendor_scores as
with scores as (
    select
        ticket_id || '-E' as vendor_score_id,
        *,
        'tethr_effort_index' as score_name,
        2.2 + 1.1 * effort + 1.6 * reopened + 0.9 * is_transferred::integer
        + 0.8 * draw_normal('effort index', contact_key) as score
    from plan.handled
    union all
    select
        ticket_id || '-I',
        *,
        'tethr_agent_impact_score',
        8.6 - 2.6 * slowness + 1.0 * draw_normal('agent impact', contact_key)
    from plan.handled
)

select
    vendor_score_id,
    ticket_id,
    agent_id,
    score_name,
    round(least(greatest(score, 0), 10), 1) as score,
    after_seconds(solved_at, 1800 + draw('scored', contact_key) * 7200) as scored_at
from scores
where is_live and solved_at is not null and agent_id is not null and scored_at <= getvariable('as_of');
