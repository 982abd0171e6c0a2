-- Compared with the mean of its kind, what some tickets spared is what others cost: the sum is zero. Every ticket that can
-- be compared is: a missing difference would leave the others to even out among themselves.
with kinds as (
  select
    source,
    contact_reason,
    channel,
    priority,
    sum(effort_difference) as spared,
    count(effort_difference) as compared,
    count(
      case
        when
          is_solved
          and agent_id is not null
          and contact_reason is not null
          and channel is not null
          and priority is not null
          then effort
      end
    ) as comparable
  from {{ ref('fct_tickets') }}
  group by source, contact_reason, channel, priority
)

select *
from kinds
where
  compared is distinct from comparable
  or (compared > 0 and (abs(spared) <= 0.000001) is not true)
