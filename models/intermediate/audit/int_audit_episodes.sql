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
    ) over (partition by customer_id, stage order by created_at rows unbounded preceding) as episode_number
  from contacts
),

episodes as (
  select
    customer_id,
    stage,
    episode_number,
    min(created_at) as affected_from,
    max(affects_until) as affected_until,
    min(affects_until) as judged_at
  from numbered
  group by customer_id, stage, episode_number
),

final as (
  select
    relationships.cycle_id || ':' || episodes.stage || ':' || episodes.episode_number as audit_episode_id,
    relationships.cycle_id,
    episodes.customer_id,
    relationships.segment,
    episodes.stage,
    greatest(episodes.affected_from, relationships.at_risk_from) as affected_from,
    least(episodes.affected_until, relationships.at_risk_until) as affected_until,
    -- The days after the first contact have to be over for all, or the newest would seem to stay.
    episodes.judged_at <= relationships.known_until as is_decided,
    coalesce(relationships.left_at <= episodes.affected_until, false) as is_left
  from episodes
  inner join {{ ref('int_audit_relationships') }} as relationships
    on
      episodes.customer_id = relationships.customer_id
      and episodes.affected_from < relationships.at_risk_until
      and episodes.affected_until > relationships.at_risk_from
)

select * from final
