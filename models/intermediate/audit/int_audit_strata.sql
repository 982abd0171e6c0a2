-- Time and leavers of each stratum, affected by a stage or not.
with totals as (
  select
    segment,
    tenure_band,
    sum(seconds) as seconds,
    sum(leavers) as leavers
  from {{ ref('int_audit_weeks') }}
  group by segment, tenure_band
),

shares as (
  select
    spells.stage,
    weeks.segment,
    weeks.tenure_band,
    spells.is_decided,
    case when spells.affected_from >= weeks.starts_at and spells.affected_from < weeks.ends_at then 1 else 0 end
      as spells,
    {{ dbt.datediff(
      'greatest(spells.affected_from, weeks.starts_at)', 'least(spells.affected_until, weeks.ends_at)', 'second'
    ) }} as seconds,
    case when spells.is_left then weeks.leavers else 0 end as leavers
  from {{ ref('int_audit_spells') }} as spells
  inner join {{ ref('int_audit_weeks') }} as weeks
    on
      spells.cycle_id = weeks.cycle_id
      and spells.affected_from < weeks.ends_at
      and spells.affected_until > weeks.starts_at
),

affected as (
  select
    stage,
    segment,
    tenure_band,
    sum(seconds) as seconds,
    sum(leavers) as leavers,
    sum(case when is_decided then spells else 0 end) as decided_spells,
    sum(case when is_decided then seconds else 0 end) as decided_seconds,
    sum(case when is_decided then leavers else 0 end) as decided_leavers
  from shares
  group by stage, segment, tenure_band
),

final as (
  select
    affected.stage,
    affected.segment,
    affected.tenure_band,
    cast(affected.decided_spells as bigint) as affected_spells,
    affected.decided_seconds / cast(86400 as {{ type_double() }}) as affected_days,
    cast(affected.decided_leavers as bigint) as affected_leavers,
    (totals.seconds - affected.seconds) / cast(86400 as {{ type_double() }}) as unaffected_days,
    cast(totals.leavers - affected.leavers as bigint) as unaffected_leavers
  from affected
  inner join totals on affected.segment = totals.segment and affected.tenure_band = totals.tenure_band
)

select * from final
