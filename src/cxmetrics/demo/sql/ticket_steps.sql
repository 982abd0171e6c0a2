-- What happens on a ticket, step by step. One row per ticket and step; gap is in working seconds since the step before.
create table plan.steps as
select contact_key, 0 as position, 'open' as step, 0.0 as gap from plan.tickets
union all
select
    contact_key,
    10,
    'assign',
    if(is_live or is_proactive, 8 + 12 * draw('assign', contact_key), draw_skewed('assign', contact_key, 600, 1.0))
from plan.tickets
union all
select contact_key, 15, 'merge', draw_skewed('merge', contact_key, 1800, 1.0)
from plan.tickets
where is_merged
union all
select
    contact_key,
    20,
    'transfer',
    if(is_live, 120 + 240 * draw('transfer', contact_key), draw_skewed('transfer', contact_key, 4200, 1.0))
from plan.tickets
where is_transferred and not is_merged
union all
select contact_key, 30, 'reassign', draw_skewed('reassign', contact_key, if(is_live, 300, 3000), 0.8)
from plan.tickets
where is_reassigned and not is_merged
union all
select
    contact_key,
    40,
    'reply',
    case
        when is_live then draw_skewed('first reply', contact_key, 45, 0.8)
        else draw_skewed('first reply', contact_key, 4400, 1.05) * slowness
            * case priority when 'urgent' then 0.2 when 'high' then 0.5 when 'normal' then 1.0 else 1.5 end
    end
from plan.tickets
where not (is_merged or is_solved_silently or is_proactive)
union all
select contact_key, 45, 'hold', draw_skewed('hold', contact_key, 5400, 0.8)
from plan.tickets
where is_held and not (is_merged or is_solved_silently)
union all
select contact_key, 46, 'resume', draw_skewed('resume', contact_key, 97200, 0.8)
from plan.tickets
where is_held and not (is_merged or is_solved_silently)
union all
select
    contact_key,
    50 + 4 * turn,
    'answer',
    draw_skewed('answer', concat(contact_key, turn), if(is_live, 180, 9000), 1.0)
from plan.tickets
cross join range(1, 6) as turns (turn)
where turn <= plan.tickets.turns and not (is_merged or is_solved_silently)
union all
select contact_key, 55, 'escalate', draw_skewed('escalate', contact_key, 1200, 0.8)
from plan.tickets
where is_escalated and turns > 0 and not (is_merged or is_solved_silently)
union all
select
    contact_key,
    52 + 4 * turn,
    'reply',
    draw_skewed('reply', concat(contact_key, turn), if(is_live, 120, 6600), 1.0) * effort
from plan.tickets
cross join range(1, 6) as turns (turn)
where turn <= plan.tickets.turns and not (is_merged or is_solved_silently)
union all
select
    contact_key,
    100,
    if(is_solved_silently, 'solve silently', 'solve'),
    case
        when is_live then draw_skewed('solve', contact_key, 420, 0.7) * effort
        when is_solved_silently then draw_skewed('solve', contact_key, 14400, 1.0)
        when draw('solve at once', contact_key) < 0.45 then 60 + draw('solve', contact_key) * 240
        else draw_skewed('solve', contact_key, 21600, 1.1) * effort
    end
from plan.tickets
where not is_merged
union all
select
    contact_key,
    100 + 10 * round_number + part,
    case part when 0 then 'answer' when 1 then 'reply' else 'solve' end,
    draw_skewed(
        'reopen',
        concat(contact_key, round_number, part),
        case part when 0 then 21600 when 1 then 7200 else 3600 end,
        0.7
    )
from plan.tickets
cross join range(1, 3) as rounds (round_number)
cross join range(3) as parts (part)
where round_number <= reopens and not (is_merged or is_solved_silently)
union all
select contact_key, 200, 'close', 0 from plan.tickets where not is_merged;
