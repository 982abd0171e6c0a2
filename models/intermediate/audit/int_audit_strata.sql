-- Time and churned customers of each stratum, affected by a stage or not.
with totals as (
  select
    segment,
    tenure_band,
    sum(seconds) as seconds,
    sum(churned) as churned
  from {{ ref('int_audit_weeks') }}
  group by segment, tenure_band
),

shares as (
  select
    episodes.stage,
    weeks.segment,
    weeks.tenure_band,
    episodes.is_decided,
    case when episodes.affected_from >= weeks.starts_at and episodes.affected_from < weeks.ends_at then 1 else 0 end
      as episodes,
    {{ dbt.datediff(
      'greatest(episodes.affected_from, weeks.starts_at)', 'least(episodes.affected_until, weeks.ends_at)', 'second'
    ) }} as seconds,
    case when episodes.is_left then weeks.churned else 0 end as churned
  from {{ ref('int_audit_episodes') }} as episodes
  inner join {{ ref('int_audit_weeks') }} as weeks
    on
      episodes.cycle_id = weeks.cycle_id
      and episodes.affected_from < weeks.ends_at
      and episodes.affected_until > weeks.starts_at
),

affected as (
  select
    stage,
    segment,
    tenure_band,
    sum(seconds) as seconds,
    sum(churned) as churned,
    sum(case when is_decided then episodes else 0 end) as decided_episodes,
    sum(case when is_decided then seconds else 0 end) as decided_seconds,
    sum(case when is_decided then churned else 0 end) as decided_churned
  from shares
  group by stage, segment, tenure_band
),

final as (
  select
    affected.stage,
    affected.segment,
    affected.tenure_band,
    cast(affected.decided_episodes as bigint) as affected_episodes,
    affected.decided_seconds / cast(86400 as {{ type_double() }}) as affected_days,
    cast(affected.decided_churned as bigint) as affected_churned,
    (totals.seconds - affected.seconds) / cast(86400 as {{ type_double() }}) as unaffected_days,
    cast(totals.churned - affected.churned as bigint) as unaffected_churned
  from affected
  inner join totals on affected.segment = totals.segment and affected.tenure_band = totals.tenure_band
)

select * from final
