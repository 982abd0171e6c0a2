-- When each step happens. Steps are at least eight seconds apart, so that the events inside a step (a second apart)
-- never reach the next one.
create table plan.ticket_steps as
with worked as (
    select
        tickets.*,
        steps.position,
        steps.step,
        working_seconds(tickets.contacted_at)
        + (
            sum(if(steps.position = 0, 0, greatest(round(steps.gap), if(is_live, 8, 60)))::bigint) over in_order
        )::bigint as worked_until
    from plan.steps as steps
    inner join plan.tickets as tickets on steps.contact_key = tickets.contact_key
    window in_order as (partition by steps.contact_key order by steps.position)
),

clocked as (
    select *, if(step = 'open', contacted_at, wall_clock(worked_until)) as clocked_at
    from worked
)

select
    *,
    case
        -- Customers write at any hour between two steps of the agent.
        when step = 'answer' and not is_live
            then after_seconds(
                lag(clocked_at) over in_order,
                20 + draw('answer at', concat(contact_key, position))
                * (date_diff('second', lag(clocked_at) over in_order, lead(clocked_at) over in_order) - 40)
            )
        when step = 'close' then lag(clocked_at) over in_order + interval 4 days
        else clocked_at
    end as stepped_at
from clocked
window in_order as (partition by contact_key order by position);
