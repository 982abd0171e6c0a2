-- Compared with the mean of its kind, what some tickets spared is what others cost: the sum is zero.
select
  source,
  contact_reason,
  channel,
  priority,
  sum(effort_difference) as spared
from {{ ref('fct_tickets') }}
group by source, contact_reason, channel, priority
having abs(sum(effort_difference)) > 0.000001
