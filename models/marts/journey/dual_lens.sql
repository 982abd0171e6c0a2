-- Everybody who left counts in their own segment and in all of them.
with departures as (
  select
    stage,
    answered_cause_stage,
    segment,
    is_satisfied,
    is_silent
  from {{ ref('fct_departures') }}
  union all
  select
    stage,
    answered_cause_stage,
    'all' as segment,
    is_satisfied,
    is_silent
  from {{ ref('fct_departures') }}
),

segments as (
  select 'all' as segment
  union distinct
  select segment from departures
),

spine as (
  select
    stages.journey_stage as stage,
    stages.position as stage_position,
    stages.accountable_group,
    segments.segment
  from {{ ref('journey_stages') }} as stages
  cross join segments
),

left_in as (
  select
    stage,
    segment,
    count(*) as departures,
    count(is_satisfied) as departures_with_opinion,
    sum(case when is_satisfied then 1 else 0 end) as satisfied_departures,
    count(is_silent) as departures_with_known_silence,
    sum(case when is_silent then 1 else 0 end) as silent_departures
  from departures
  group by stage, segment
),

praised as (
  select
    answered_cause_stage as stage,
    segment,
    count(*) as departures_after_praise
  from departures
  where is_satisfied
  group by answered_cause_stage, segment
),

final as (
  select
    spine.stage || ':' || spine.segment as dual_lens_id,
    spine.stage,
    cast(spine.stage_position as bigint) as stage_position,
    spine.segment,
    spine.accountable_group,
    cast(coalesce(left_in.departures, 0) as bigint) as departures,
    cast(coalesce(left_in.departures_with_opinion, 0) as bigint) as departures_with_opinion,
    cast(coalesce(left_in.satisfied_departures, 0) as bigint) as satisfied_departures,
    cast(coalesce(left_in.departures_with_known_silence, 0) as bigint) as departures_with_known_silence,
    cast(coalesce(left_in.silent_departures, 0) as bigint) as silent_departures,
    cast(coalesce(praised.departures_after_praise, 0) as bigint) as departures_after_praise
  from spine
  left join left_in on spine.stage = left_in.stage and spine.segment = left_in.segment
  left join praised on spine.stage = praised.stage and spine.segment = praised.segment
)

select * from final
