-- How far the journeys of a segment came, and what those who came through a stage think of the relationship: every stage
-- with every segment, also where nobody was.
with journeys as (
  select
    journeys.journey_id,
    contacts.contacts,
    contacts.nps_group,
    coalesce(customers.segment, 'unknown') as segment
  from {{ ref('int_journeys') }} as journeys
  inner join {{ ref('int_journey_contacts') }} as contacts on journeys.journey_id = contacts.journey_id
  left join {{ ref('int_customers') }} as customers on journeys.customer_id = customers.customer_id
),

by_segment as (
  select
    stages.stage,
    journeys.segment,
    count(*) as all_journeys,
    count(journeys.contacts) as journeys_with_contacts,
    sum(case when stages.status != 'not_reached' then 1 else 0 end) as journeys,
    sum(case when stages.status = 'completed' then 1 else 0 end) as completed,
    sum(case when stages.status = 'dropped' then 1 else 0 end) as dropped,
    sum(case when stages.status = 'in_progress' then 1 else 0 end) as in_progress,
    sum(case when stages.status != 'not_reached' and journeys.nps_group is not null then 1 else 0 end) as nps_answers,
    sum(
      case
        when stages.status = 'not_reached' then 0
        when journeys.nps_group = 'promoter' then 1
        when journeys.nps_group = 'detractor' then -1
        else 0
      end
    ) as nps_balance
  from {{ ref('int_journey_stages') }} as stages
  inner join journeys on stages.journey_id = journeys.journey_id
  group by stages.stage, journeys.segment
),

with_all as (
  select * from by_segment
  union all
  select
    stages.journey_stage as stage,
    'all' as segment,
    coalesce(sum(by_segment.all_journeys), 0) as all_journeys,
    coalesce(sum(by_segment.journeys_with_contacts), 0) as journeys_with_contacts,
    coalesce(sum(by_segment.journeys), 0) as journeys,
    coalesce(sum(by_segment.completed), 0) as completed,
    coalesce(sum(by_segment.dropped), 0) as dropped,
    coalesce(sum(by_segment.in_progress), 0) as in_progress,
    coalesce(sum(by_segment.nps_answers), 0) as nps_answers,
    coalesce(sum(by_segment.nps_balance), 0) as nps_balance
  from {{ ref('journey_stages') }} as stages
  left join by_segment on stages.journey_stage = by_segment.stage
  group by stages.journey_stage
),

final as (
  select
    with_all.*,
    stages.position as stage_position,
    stages.accountable_group
  from with_all
  inner join {{ ref('journey_stages') }} as stages on with_all.stage = stages.journey_stage
)

select * from final
