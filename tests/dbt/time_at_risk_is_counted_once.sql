-- The weeks of a relationship in the audit are its time at risk, and the last of them ends it for who left.
with weeks as (
  select
    cycle_id,
    sum(seconds) as seconds,
    sum(churned) as churned
  from {{ ref('int_audit_weeks') }}
  group by cycle_id
)

select
  relationships.cycle_id,
  weeks.seconds,
  weeks.churned
from {{ ref('int_audit_relationships') }} as relationships
left join weeks on relationships.cycle_id = weeks.cycle_id
where
  weeks.seconds is distinct from {{ dbt.datediff('relationships.at_risk_from', 'relationships.at_risk_until', 'second') }}
  or weeks.churned is distinct from case when relationships.left_at is null then 0 else 1 end
