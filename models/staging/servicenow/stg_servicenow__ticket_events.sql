with versions as (
  select
    *,
    -- A row without a team or with an unknown status stays in the group of the last known one.
    count(team) over (partition by ticket_id order by version_order) as team_group,
    count(status) over (partition by ticket_id order by version_order) as status_group,
    row_number() over (partition by ticket_id order by version_order) as version_number,
    lag(agent_id) over (partition by ticket_id order by version_order) as agent_before,
    coalesce(lag(reassignment_count) over (partition by ticket_id order by version_order), 0) as reassignments_before
  from {{ ref('base_servicenow__incident_events') }}
),

known as (
  select
    *,
    max(team) over (partition by ticket_id, team_group) as team_known,
    max(status) over (partition by ticket_id, status_group) as status_known
  from versions
),

changes as (
  select
    *,
    lag(team_known) over (partition by ticket_id order by version_order) as team_before,
    coalesce(lag(status_known) over (partition by ticket_id order by version_order), 'new') as status_before
  from known
),

created as (
  select
    ticket_id || ':created' as event_id,
    ticket_id,
    opened_at as occurred_at,
    'created' as event_type,
    'customer' as actor_type,
    customer_id as actor_id,
    cast(null as {{ dbt.type_string() }}) as from_value,
    'new' as to_value
  from changes
  where version_number = 1
),

statuses as (
  select
    *,
    lead(status) over (partition by ticket_id order by version_order) as status_after
  from changes
  where status is not null
),

status_changes as (
  select
    ticket_id || ':status:' || version_number as event_id,
    ticket_id,
    sys_updated_at as occurred_at,
    'status_changed' as event_type,
    'agent' as actor_type,
    updated_by_id as actor_id,
    -- The log does not say of a repeated row what was before the first.
    nullif(status_before, status) as from_value,
    status as to_value
  from statuses
  -- Of repeated Resolved rows the last one is resolved_at. Without a resolved_at nothing was resolved.
  where
    (status = 'solved' and resolved_at is not null and coalesce(status_after, 'none') != 'solved')
    or (status != 'solved' and status != status_before)
),

assignments as (
  select
    ticket_id || ':assigned:' || version_number as event_id,
    ticket_id,
    sys_updated_at as occurred_at,
    case when team != team_before then 'transferred' else 'assigned' end as event_type,
    'agent' as actor_type,
    updated_by_id as actor_id,
    -- A step of ServiceNow's own counter is a reassignment, also where the log shows nobody before it.
    case
      when reassignment_count = reassignments_before then null
      when team != team_before then team_before
      else coalesce(agent_before, team_before, 'unknown')
    end as from_value,
    case when team != team_before then team else coalesce(agent_id, team) end as to_value
  from changes
  where reassignment_count > reassignments_before or (version_number = 1 and coalesce(team, agent_id) is not null)
)

select * from created
union all
select * from status_changes
union all
select * from assignments
