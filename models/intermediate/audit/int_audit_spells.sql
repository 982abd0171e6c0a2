-- The time in which a stage affects a customer: from a contact it caused until audit_window_days after it, or after the
-- next one when that came within those days. A customer leaves while affected or not, so no time counts twice and who
-- stays longer only adds time to both sides.
with contacts as (
  select
    customer_id,
    cause_stage as stage,
    created_at,
    {{ dbt.dateadd('day', var('audit_window_days'), 'created_at') }} as affects_until,
    lag(created_at) over (partition by customer_id, cause_stage order by created_at) as before_at
  from {{ ref('int_contacts') }}
  where customer_id is not null and cause_stage is not null
),

numbered as (
  select
    *,
    sum(
      case when created_at <= {{ dbt.dateadd('day', var('audit_window_days'), 'before_at') }} then 0 else 1 end
    ) over (partition by customer_id, stage order by created_at rows unbounded preceding) as spell_number
  from contacts
),

spells as (
  select
    customer_id,
    stage,
    spell_number,
    min(created_at) as affected_from,
    max(affects_until) as affected_until,
    min(affects_until) as judged_at
  from numbered
  group by customer_id, stage, spell_number
),

final as (
  select
    relationships.cycle_id || ':' || spells.stage || ':' || spells.spell_number as audit_spell_id,
    relationships.cycle_id,
    spells.customer_id,
    relationships.segment,
    spells.stage,
    greatest(spells.affected_from, relationships.at_risk_from) as affected_from,
    least(spells.affected_until, relationships.at_risk_until) as affected_until,
    -- The days after the first contact have to be over for all, or the newest would seem to stay.
    spells.judged_at <= relationships.known_until as is_decided,
    coalesce(relationships.left_at <= spells.affected_until, false) as is_left
  from spells
  inner join {{ ref('int_audit_relationships') }} as relationships
    on
      spells.customer_id = relationships.customer_id
      and spells.affected_from < relationships.at_risk_until
      and spells.affected_until > relationships.at_risk_from
)

select * from final
