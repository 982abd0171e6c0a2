-- Everybody who left counts in their own segment and in all of them.
with churned as (
  select
    stage,
    answered_cause_stage,
    segment,
    is_satisfied,
    is_silent
  from {{ ref('fct_churned_customers') }}
  union all
  select
    stage,
    answered_cause_stage,
    'all' as segment,
    is_satisfied,
    is_silent
  from {{ ref('fct_churned_customers') }}
),

segments as (
  select 'all' as segment
  union distinct
  select segment from churned
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
    count(*) as churned,
    count(is_satisfied) as churned_with_opinion,
    sum(case when is_satisfied then 1 else 0 end) as satisfied_churned,
    count(is_silent) as churned_with_known_silence,
    sum(case when is_silent then 1 else 0 end) as silent_churned
  from churned
  group by stage, segment
),

praised as (
  select
    answered_cause_stage as stage,
    segment,
    count(*) as churned_after_praise
  from churned
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
    cast(coalesce(left_in.churned, 0) as bigint) as churned,
    cast(coalesce(left_in.churned_with_opinion, 0) as bigint) as churned_with_opinion,
    cast(coalesce(left_in.satisfied_churned, 0) as bigint) as satisfied_churned,
    cast(coalesce(left_in.churned_with_known_silence, 0) as bigint) as churned_with_known_silence,
    cast(coalesce(left_in.silent_churned, 0) as bigint) as silent_churned,
    cast(coalesce(praised.churned_after_praise, 0) as bigint) as churned_after_praise
  from spine
  left join left_in on spine.stage = left_in.stage and spine.segment = left_in.segment
  left join praised on spine.stage = praised.stage and spine.segment = praised.segment
)

select * from final
