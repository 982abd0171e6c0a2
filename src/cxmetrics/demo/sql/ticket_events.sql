-- The event log, cut at the as-of instant: what is not finished by then is open.
create table plan.step_events as
select * from (values
    ('open', 0, 'created'),
    ('open', 1, 'opening reply'),
    ('open', 2, 'status_changed'),
    ('assign', 0, 'assigned'),
    ('assign', 1, 'status_changed'),
    ('merge', 0, 'merged'),
    ('merge', 1, 'status_changed'),
    ('transfer', 0, 'transferred'),
    ('transfer', 1, 'assigned'),
    ('reassign', 0, 'assigned'),
    ('reply', 0, 'public_reply'),
    ('reply', 1, 'status_changed'),
    ('hold', 0, 'internal_note'),
    ('hold', 1, 'status_changed'),
    ('resume', 0, 'internal_note'),
    ('resume', 1, 'status_changed'),
    ('answer', 0, 'customer_reply'),
    ('answer', 1, 'status_changed'),
    ('escalate', 0, 'internal_note'),
    ('escalate', 1, 'escalated'),
    ('solve', 0, 'status_changed'),
    ('solve silently', 0, 'internal_note'),
    ('solve silently', 1, 'status_changed'),
    ('close', 0, 'status_changed')
) as step_events (step, place, event);

create table ticket_events as
with outcomes as (
    select
        *,
        case
            when step = 'open' and is_proactive then 'pending'
            when step = 'assign' and not is_proactive then 'open'
            when step = 'reply' then 'pending'
            when step in ('answer', 'resume') then 'open'
            when step = 'hold' then 'on_hold'
            when step in ('solve', 'solve silently') then 'solved'
            when step in ('close', 'merge') then 'closed'
        end as new_status,
        case
            when step = 'assign' then first_agent_id
            when step in ('transfer', 'reassign') then second_agent_id
            when step = 'open' and is_proactive then first_agent_id
        end as new_agent_id
    from plan.ticket_steps
),

states as (
    select
        *,
        coalesce(last_value(new_status ignore nulls) over before_step, 'new') as old_status,
        last_value(new_agent_id ignore nulls) over before_step as old_agent_id,
        coalesce(new_agent_id, old_agent_id) as agent_id
    from outcomes
    where stepped_at <= getvariable('as_of')
    window before_step as (
        partition by contact_key order by position rows between unbounded preceding and 1 preceding
    )
),

events as (
    select
        states.*,
        step_events.event,
        row_number() over (partition by states.contact_key order by states.position, step_events.place) as event_number,
        -- The opening comment of an agent is the ticket: it has the ticket's own instant.
        if(step_events.event = 'opening reply', stepped_at, after_seconds(stepped_at, step_events.place)) as occurred_at
    from states
    inner join plan.step_events as step_events on states.step = step_events.step
    where
        (step_events.event != 'opening reply' or is_proactive)
        and (step_events.event != 'status_changed' or new_status is distinct from old_status)
        and (step_events.event != 'status_changed' or new_status is not null)
)

select
    ticket_id || '-' || lpad(event_number::varchar, 3, '0') as event_id,
    ticket_id,
    occurred_at,
    if(event = 'opening reply', 'public_reply', event) as event_type,
    case
        when step = 'answer' or (step = 'open' and not is_proactive) then 'customer'
        when step in ('assign', 'close') then 'system'
        else 'agent'
    end as actor_type,
    case actor_type when 'customer' then customer_id when 'agent' then agent_id end as actor_id,
    case
        when event = 'status_changed' then old_status
        when event = 'transferred' then first_team
        when event = 'assigned' and step != 'assign' then old_agent_id
    end as from_value,
    case
        when event = 'status_changed' then new_status
        when event = 'transferred' then second_team
        when event = 'assigned' then agent_id
        when event = 'merged' then previous_ticket_id
    end as to_value
from events
where occurred_at <= getvariable('as_of');
