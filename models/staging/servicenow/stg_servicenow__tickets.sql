with versions as (
  select
    *,
    row_number() over (partition by ticket_id order by version_order desc) as versions_from_last
  from {{ ref('base_servicenow__incident_events') }}
)

select
  ticket_id,
  customer_id,
  agent_id,
  opened_at as created_at,
  channel,
  contact_reason,
  priority,
  status,
  team,
  cast(null as {{ dbt.type_string() }}) as schedule,
  cast(null as boolean) as is_proactive,
  -- A breach is final; a target counts as met only when the ticket is over.
  case when is_active and made_sla then null else made_sla end as sla_met
from versions
where versions_from_last = 1
