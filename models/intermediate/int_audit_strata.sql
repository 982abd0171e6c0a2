-- Time and leavers of each stratum, affected by a stage or not.
with totals as (
  select
    segment,
    tenure_band,
    sum(seconds) as seconds,
    sum(leavers) as leavers
  from {{ ref('int_audit_months') }}
  group by segment, tenure_band
),

shares as (
  select
    spells.stage,
    months.segment,
    months.tenure_band,
    spells.is_decided,
    case when spells.affected_from >= months.starts_at and spells.affected_from < months.ends_at then 1 else 0 end
      as spells,
    {{ dbt.datediff(
      'greatest(spells.affected_from, months.starts_at)', 'least(spells.affected_until, months.ends_at)', 'second'
    ) }} as seconds,
    case when spells.is_left then months.leavers else 0 end as leavers
  from {{ ref('int_audit_spells') }} as spells
  inner join {{ ref('int_audit_months') }} as months
    on
      spells.cycle_id = months.cycle_id
      and spells.affected_from < months.ends_at
      and spells.affected_until > months.starts_at
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
