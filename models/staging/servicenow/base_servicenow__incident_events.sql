with accepted as (
  {{ accepted('servicenow', 'incident_event_log') }}
)

select
  {{ source_id('servicenow', 'number') }} as ticket_id,
  {{ source_id('servicenow', 'caller_id') }} as customer_id,
  {{ source_id('servicenow', 'assigned_to') }} as agent_id,
  {{ source_id('servicenow', 'sys_updated_by') }} as updated_by_id,
  -- The rows of a ticket stand in the order in which they were written; sys_mod_count and sys_updated_at repeat and
  -- run backwards for a few tickets.
  _cx_row as version_order,
  opened_at,
  sys_updated_at,
  resolved_at,
  -- A state that is not listed (-100 among them) is unknown, not a state of its own.
  case incident_state
    when 'New' then 'new'
    when 'Active' then 'open'
    when 'Awaiting User Info' then 'pending'
    when 'Awaiting Evidence' then 'pending'
    when 'Awaiting Problem' then 'on_hold'
    when 'Awaiting Vendor' then 'on_hold'
    when 'Resolved' then 'solved'
    when 'Closed' then 'closed'
  end as status,
  assignment_group as team,
  lower(contact_type) as channel,
  category as contact_reason,
  case priority
    when '1 - Critical' then 'urgent'
    when '2 - High' then 'high'
    when '3 - Moderate' then 'normal'
    when '4 - Low' then 'low'
  end as priority,
  made_sla,
  active as is_active,
  reassignment_count
from accepted
