-- Compared with the mean of its kind, what some tickets spared is what others cost: the sum is zero. Every ticket that can
-- be compared is: a missing difference would leave the others to even out among themselves.
with kinds as (
  select
    facts.source,
    facts.team,
    facts.contact_reason,
    facts.channel,
    facts.priority,
    sum(facts.effort_difference) as spared,
    count(facts.effort_difference) as compared,
    count(
      case
        when
          facts.is_solved
          and tickets.agent_id is not null
          and facts.contact_reason is not null
          and facts.channel is not null
          and facts.priority is not null
          then facts.effort
      end
    ) as comparable
  from {{ ref('fct_tickets') }} as facts
  -- The published facts need not say who had the ticket.
  inner join {{ ref('int_tickets') }} as tickets on facts.ticket_id = tickets.ticket_id
  group by facts.source, facts.team, facts.contact_reason, facts.channel, facts.priority
)

select *
from kinds
where
  compared is distinct from comparable
  or (compared > 0 and (abs(spared) <= 0.000001) is not true)
