-- A journey that ended did so in exactly one stage of the main line, the furthest; one that goes on in none.
select
  journeys.journey_id,
  journeys.outcome,
  sum(case when stages.status = 'dropped' then 1 else 0 end) as dropped_stages
from {{ ref('fct_journeys') }} as journeys
inner join {{ ref('fct_journey_stages') }} as stages on journeys.journey_id = stages.journey_id
where coalesce(stages.stage, 'missing') not in ('service', 'advocacy')
group by journeys.journey_id, journeys.outcome
having
  count(*) is distinct from count(stages.stage)
  or sum(case when stages.status = 'dropped' then 1 else 0 end)
  is distinct from
  case
    when journeys.outcome in ('churned', 'lapsed') then least(sum(case when stages.entered_at is not null then 1 else 0 end), 1)
    when journeys.outcome is not null then 0
  end
