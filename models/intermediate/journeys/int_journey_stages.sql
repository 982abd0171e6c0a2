-- The full spine: every journey with every stage, and what became of it. Service is a detour: asking for help leads no
-- further on the main line, and not asking skips nothing.
with journeys as (
  select * from {{ ref('int_journeys') }}
),

help as (
  select
    journey_id,
    max(case when is_open then 1 else 0 end) = 1 as has_open_ticket,
    max(last_solved_at) as last_solved_at
  from {{ ref('int_journey_tickets') }}
  where is_contact
  group by journey_id
),

spine as (
  select
    journeys.journey_id,
    journeys.customer_id,
    journeys.source,
    journeys.ended_at,
    journeys.closes_at,
    journeys.first_renewed_at,
    stages.journey_stage as stage,
    stages.position as stage_position,
    entries.entered_at
  from journeys
  cross join {{ ref('journey_stages') }} as stages
  left join {{ ref('int_journey_entries') }} as entries
    on journeys.journey_id = entries.journey_id and stages.journey_stage = entries.stage
),

with_next as (
  select
    spine.*,
    coalesce(help.has_open_ticket, false) as has_open_ticket,
    help.last_solved_at,
    -- The first entry into any later stage of the main line, while the journey lasted.
    min(
      case
        when spine.stage != 'service' and (spine.closes_at is null or spine.entered_at <= spine.closes_at)
          then spine.entered_at
      end
    ) over (
      partition by spine.journey_id order by spine.stage_position rows between 1 following and unbounded following
    ) as next_entered_at,
    max(
      case when spine.stage not in ('service', 'advocacy') and spine.entered_at is not null then spine.stage_position end
    ) over (partition by spine.journey_id) as furthest_position
  from spine
  left join help on spine.journey_id = help.journey_id
),

with_drops as (
  select
    *,
    -- A journey that ended did so in the furthest stage before recommending us: even renewed, the next renewal failed to
    -- come. Who left with an open ticket was dropped in service too.
    coalesce(
      ended_at is not null
      and entered_at is not null
      and (stage_position = furthest_position or (stage = 'service' and has_open_ticket)),
      false
    ) as is_dropped
  from with_next
),

with_completion as (
  select
    *,
    case
      when entered_at is null or is_dropped or (stage = 'service' and has_open_ticket) then null
      when stage = 'advocacy' then entered_at
      when stage = 'service' and last_solved_at > entered_at then last_solved_at
      when stage = 'service' then entered_at
      -- A renewal is done when the subscription is renewed, whatever follows.
      when stage = 'renewal' and first_renewed_at <= coalesce(next_entered_at, first_renewed_at) then first_renewed_at
      when next_entered_at < entered_at then entered_at
      else next_entered_at
    end as completed_at
  from with_drops
),

final as (
  select
    journey_id || ':' || stage as journey_stage_id,
    journey_id,
    customer_id,
    source,
    stage,
    cast(stage_position as bigint) as stage_position,
    entered_at,
    -- A customer who comes to a stage after a later one looks back; that is no step.
    coalesce(stage != 'service' and next_entered_at < entered_at, false) as is_looking_back,
    case when stage != 'service' then next_entered_at end as next_entered_at,
    completed_at,
    closes_at,
    case when is_dropped and entered_at > ended_at then entered_at when is_dropped then ended_at end as dropped_at,
    case
      when entered_at is null then 'not_reached'
      when is_dropped then 'dropped'
      when completed_at is not null then 'completed'
      else 'in_progress'
    end as status
  from with_completion
)

select * from final
