with journeys as (
  select
    journeys.*,
    -- Without touchpoint events the contacts of a source stand in.
    coalesce(coverage.touchpoint_events_since, coverage.interactions_since, coverage.tickets_since) is not null
      as are_touchpoints_known
  from {{ ref('int_journeys') }} as journeys
  left join {{ ref('int_source_coverage') }} as coverage on journeys.source = coverage.source
),

reached as (
  select
    journey_id,
    sum(case when status != 'not_reached' then 1 else 0 end) as stages_reached,
    max(case when stage != 'service' and status != 'not_reached' then stage_position end) as furthest_position
  from {{ ref('int_journey_stages') }}
  group by journey_id
),

touched as (
  select
    journey_id,
    count(*) as touchpoints,
    count(distinct channel) as channels,
    sum(case when is_channel_switch then 1 else 0 end) as channel_switches
  from {{ ref('fct_touchpoint_events') }}
  group by journey_id
),

final as (
  select
    journeys.journey_id,
    journeys.customer_id,
    journeys.source,
    journeys.customer_journey_number,
    journeys.outcome,
    furthest.journey_stage as furthest_stage,
    contacts.nps_group,
    journeys.started_at,
    {{ reporting_date('journeys.started_at') }} as started_on,
    journeys.purchased_at,
    {{ reporting_date('journeys.purchased_at') }} as purchased_on,
    outcomes.first_value_at,
    {{ reporting_date('outcomes.first_value_at') }} as first_value_on,
    outcomes.decided_at,
    journeys.ended_at,
    outcomes.is_onboarded_in_time,
    outcomes.is_completed,
    outcomes.is_completed_in_time,
    outcomes.is_silent,
    cast(reached.stages_reached as bigint) as stages_reached,
    case when journeys.are_touchpoints_known then cast(coalesce(touched.touchpoints, 0) as bigint) end as touchpoints,
    case when journeys.are_touchpoints_known then cast(coalesce(touched.channels, 0) as bigint) end as channels,
    case when journeys.are_touchpoints_known then cast(coalesce(touched.channel_switches, 0) as bigint) end
      as channel_switches,
    contacts.contacts,
    contacts.avoidable_contacts,
    contacts.contacts_without_cause,
    effort.transfers,
    effort.reopens,
    effort.escalations,
    effort.repeat_contacts,
    effort.ticket_channel_switches,
    effort.abandonments,
    outcomes.days_to_first_value,
    outcomes.first_value_wait_days,
    effort.wait_minutes,
    effort.effort_index,
    contacts.service_satisfaction,
    contacts.touchpoint_satisfaction,
    contacts.revenue,
    contacts.margin
  from journeys
  inner join reached on journeys.journey_id = reached.journey_id
  inner join {{ ref('int_journey_outcomes') }} as outcomes on journeys.journey_id = outcomes.journey_id
  inner join {{ ref('int_journey_contacts') }} as contacts on journeys.journey_id = contacts.journey_id
  inner join {{ ref('int_journey_effort') }} as effort on journeys.journey_id = effort.journey_id
  left join {{ ref('journey_stages') }} as furthest on reached.furthest_position = furthest.position
  left join touched on journeys.journey_id = touched.journey_id
)

select * from final
