-- One row per ticket as it stands at the as-of instant, read from its own events.
create table plan.handled as
select
    tickets.*,
    coalesce(last_status, 'new') as status,
    last_agent_id as agent_id,
    coalesce(last_team, first_team) as team,
    events.* exclude (ticket_id, last_status, last_agent_id, last_team),
    working_seconds(events.replied_at) - working_seconds(contacted_at) as reply_seconds,
    case
        when is_proactive or is_merged or channel = 'social' or priority = 'low' then null
        when is_live then 180
        else case priority when 'urgent' then 3600 when 'high' then 9000 else 16200 end
    end as promised_seconds
from plan.tickets as tickets
inner join (
    select
        ticket_id,
        max_by(to_value, event_id) filter (event_type = 'status_changed') as last_status,
        max_by(to_value, event_id) filter (event_type = 'assigned') as last_agent_id,
        max_by(to_value, event_id) filter (event_type = 'transferred') as last_team,
        min(occurred_at) filter (event_type = 'public_reply') as replied_at,
        min(occurred_at) filter (to_value = 'solved') as solved_at,
        max(occurred_at) filter (to_value = 'solved') as resolved_at,
        count(*) filter (from_value = 'solved' and to_value = 'open') as reopened,
        count(*) filter (event_type = 'public_reply') as replies
    from ticket_events
    group by ticket_id
) as events on tickets.ticket_id = events.ticket_id;

create table tickets as
select
    ticket_id,
    customer_id,
    contacted_at as created_at,
    channel,
    contact_reason,
    priority,
    status,
    agent_id,
    team,
    -- All are promised the hours of the one desk.
    null as schedule,
    is_proactive,
    case
        when promised_seconds is null then null
        when replied_at is not null then reply_seconds <= promised_seconds
        -- Nobody answered yet: broken once the time is over, undecided before. Solved without an answer: undecided.
        when
            solved_at is null
            and working_seconds(getvariable('as_of')) - working_seconds(contacted_at) > promised_seconds
            then false
    end as sla_met
from plan.handled;
