with contacts as (
  select
    contacts.source,
    contacts.cause_stage,
    contacts.accountable_group,
    contacts.is_avoidable,
    handled.cost,
    {{ reporting_month('contacts.created_at') }} as month_on,
    coalesce(contacts.contact_reason, 'unknown') as reason,
    coalesce(contacts.team, 'unknown') as handling_team
  from {{ ref('int_contacts') }} as contacts
  left join {{ ref('int_ticket_contacts') }} as handled on contacts.ticket_id = handled.ticket_id
),

counted as (
  select
    month_on,
    source,
    reason,
    cause_stage,
    accountable_group,
    handling_team,
    count(*) as contacts,
    sum(case when is_avoidable then 1 else 0 end) as avoidable_contacts,
    count(cost) as contacts_with_cost,
    sum(cost) as cost
  from contacts
  group by month_on, source, reason, cause_stage, accountable_group, handling_team
),

-- Support is whoever answers for the stage service.
support as (
  select accountable_group as support_group
  from {{ ref('journey_stages') }}
  where journey_stage = 'service'
),

final as (
  select
    counted.month_on || ':' || counted.source || ':' || counted.reason || ':' || counted.handling_team
      as contact_ownership_id,
    counted.month_on,
    counted.source,
    counted.reason as contact_reason,
    counted.cause_stage,
    cast(stages.position as bigint) as stage_position,
    stages.accountable_group as stage_group,
    counted.accountable_group,
    counted.handling_team,
    counted.accountable_group != support.support_group as is_outside_support,
    cast(counted.contacts as bigint) as contacts,
    cast(counted.avoidable_contacts as bigint) as avoidable_contacts,
    cast(counted.contacts_with_cost as bigint) as contacts_with_cost,
    counted.cost
  from counted
  cross join support
  left join {{ ref('journey_stages') }} as stages on counted.cause_stage = stages.journey_stage
)

select * from final
