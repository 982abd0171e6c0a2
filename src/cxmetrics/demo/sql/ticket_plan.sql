-- Who handles what, and what will happen to each ticket. One row per ticket, before any event exists.
create table plan.agents as
select
    'A' || lpad(number::varchar, 4, '0') as agent_id,
    case when number % 6 = 0 then 'billing' when number % 3 = 1 then 'second_line' else 'first_line' end as team,
    row_number() over (partition by team order by number) - 1 as team_position,
    count(*) over (partition by team) as team_size,
    -- Below one is quick and careful, above one slow and careless.
    round(0.75 + 0.6 * draw('skill', agent_id), 2) as slowness
from range(1, greatest(getvariable('customers')::bigint // 125, 12) + 1) as numbers (number);

create table plan.tickets as
with channelled as (
    select
        opened.*,
        customers.segment,
        is_contacted_by_us(contacted_at, contact_key) as is_proactive,
        case
            when is_proactive then if(draw('channel', contact_key) < 0.7, 'email', 'web')
            when not is_working(contacted_at) or hour(contacted_at) = 15
                then case
                    when draw('channel', contact_key) < 0.52 then 'email'
                    when draw('channel', contact_key) < 0.92 then 'web'
                    else 'social'
                end
            when draw('channel', contact_key) < 0.32 then 'email'
            when draw('channel', contact_key) < 0.50 then 'web'
            when draw('channel', contact_key) < 0.77 then 'phone'
            when draw('channel', contact_key) < 0.95 then 'chat'
            else 'social'
        end as channel,
        channel in ('phone', 'chat') as is_live,
        case
            when draw('priority', contact_key) < if(contact_reason = 'outage', 0.30, 0.03) then 'urgent'
            when draw('priority', contact_key) < if(customers.segment = 'consumer', 0.14, 0.30) then 'high'
            when draw('priority', contact_key) < 0.78 then 'normal'
            else 'low'
        end as priority,
        draw('transfer', contact_key) < if(first_team = 'first_line', 0.13, 0.06) as is_transferred,
        case
            when first_team = 'first_line' then if(draw('transfer to', contact_key) < 0.7, 'second_line', 'billing')
            when first_team = 'second_line' then 'first_line'
            else 'second_line'
        end as second_team,
        lag(ticket_id) over by_customer as previous_ticket_id,
        contacted_at < lag(contacted_at) over by_customer + interval 10 days as is_soon_after
    from plan.opened as opened
    inner join plan.customers as customers on opened.customer_id = customers.customer_id
    window by_customer as (partition by opened.customer_id order by contacted_at, ticket_id)
),

staffed as (
    select
        channelled.*,
        not is_transferred and draw('reassign', contact_key) < 0.09 and first_agents.team_size > 1 as is_reassigned,
        first_agents.agent_id as first_agent_id,
        second_agents.agent_id as second_agent_id,
        if(is_transferred, second_agents.slowness, first_agents.slowness) as slowness
    from channelled
    inner join plan.agents as first_agents
        on
            channelled.first_team = first_agents.team
            and floor(draw('agent', contact_key) * first_agents.team_size) = first_agents.team_position
    inner join plan.agents as second_agents
        on
            if(channelled.is_transferred, channelled.second_team, channelled.first_team) = second_agents.team
            -- A reassignment goes to the next colleague, never to the same one.
            and if(
                channelled.is_transferred,
                floor(draw('second agent', contact_key) * second_agents.team_size),
                (first_agents.team_position + 1) % second_agents.team_size
            ) = second_agents.team_position
)

select
    *,
    -- How long this one takes: the agent, the matter and luck.
    round(slowness * difficulty * draw_skewed('effort', contact_key, 1.0, 0.45), 3) as effort,
    not is_proactive and coalesce(is_soon_after, false) and draw('merge', contact_key) < 0.12 as is_merged,
    not is_proactive and not is_live and draw('silent', contact_key) < 0.04 as is_solved_silently,
    draw('escalate', contact_key)
    < case priority when 'urgent' then 0.16 when 'high' then 0.07 else 0.03 end as is_escalated,
    not is_live and draw('hold', contact_key) < 0.05 * difficulty as is_held,
    case
        when draw('turns', contact_key) < if(is_live, 0.72, 0.46) then 0
        when draw('turns', contact_key) < if(is_live, 0.91, 0.74) then 1
        when draw('turns', contact_key) < 0.92 then 2
        when draw('turns', contact_key) < 0.98 then 3
        else 5
    end as turns,
    case
        when draw('reopen', contact_key) < 0.008 * slowness then 2
        when draw('reopen', contact_key) < 0.065 * slowness * difficulty then 1
        else 0
    end as reopens
from staffed;
