with causes as (
  select
    segment,
    sum(case when stage is null then contacts else 0 end) as contacts_without_cause,
    sum(case when stage is null then 0 else contacts end) as contacts_with_cause
  from {{ ref('int_audit_contacts') }}
  group by segment
),

joined as (
  select
    stages.*,
    coalesce(causes.contacts_without_cause, 0) as contacts_without_cause,
    contacts.service_cost,
    contacts.service_satisfied,
    coalesce(contacts.service_answers, 0) as service_answers,
    -- Where the cause of no contact is known, no stage is known to have caused none.
    case
      when contacts.contacts is not null then contacts.contacts
      when
        stages.journeys_with_contacts > 0
        and (coalesce(causes.contacts_without_cause, 0) = 0 or causes.contacts_with_cause > 0)
        then 0
    end as contacts,
    case
      when contacts.contacts is not null then coalesce(contacts.avoidable_contacts, 0)
      when
        stages.journeys_with_contacts > 0
        and (coalesce(causes.contacts_without_cause, 0) = 0 or causes.contacts_with_cause > 0)
        then 0
    end as avoidable_contacts,
    {{ wilson_end('contacts.service_satisfied', 'contacts.service_answers', '-') }} as service_low,
    {{ wilson_end('contacts.service_satisfied', 'contacts.service_answers', '+') }} as service_high,
    coalesce(churn.affected, 0) as affected,
    coalesce(churn.unaffected, 0) as unaffected,
    churn.compared_share,
    churn.churn_affected,
    churn.churn_unaffected,
    churn.churn_expected,
    churn.adjusted_difference,
    churn.ci_low,
    churn.ci_high,
    significance.p_value,
    significance.q_value,
    coalesce(significance.is_significant, false) as is_significant,
    churn.yearly_revenue,
    churn.affected * churn.yearly_revenue as affected_revenue,
    build.as_of
  from {{ ref('int_audit_stages') }} as stages
  left join {{ ref('int_audit_contacts') }} as contacts
    on stages.stage = contacts.stage and stages.segment = contacts.segment
  left join {{ ref('int_audit_churn') }} as churn on stages.stage = churn.stage and stages.segment = churn.segment
  left join {{ ref('int_audit_significance') }} as significance
    on stages.stage = significance.stage and stages.segment = significance.segment
  left join causes on stages.segment = causes.segment
  cross join {{ ref('build_as_of') }} as build
),

judged as (
  select
    *,
    case
      when service_answers < {{ var('audit_min_answers') }} then null
      when service_low >= {{ var('audit_service_threshold') }} then 'good'
      when service_high < {{ var('audit_service_threshold') }} then 'failing'
    end as service
  from joined
),

final as (
  select
    stage || ':' || segment as experience_audit_id,
    stage,
    cast(stage_position as bigint) as stage_position,
    segment,
    accountable_group,
    cast(journeys as bigint) as journeys,
    cast(completed as bigint) as completed,
    cast(dropped as bigint) as dropped,
    cast(in_progress as bigint) as in_progress,
    completed / nullif(cast(journeys as {{ type_double() }}), 0) as completion_rate,
    dropped / nullif(cast(journeys as {{ type_double() }}), 0) as drop_off_rate,
    cast(contacts as bigint) as contacts,
    100.0 * contacts / nullif(cast(all_journeys as {{ type_double() }}), 0) as contacts_per_100_journeys,
    cast(contacts_without_cause as bigint) as contacts_without_cause,
    cast(avoidable_contacts as bigint) as avoidable_contacts,
    avoidable_contacts / nullif(cast(contacts as {{ type_double() }}), 0) as avoidable_share,
    cast(service_cost as {{ type_double() }}) as service_cost,
    100.0 * service_satisfied / nullif(cast(service_answers as {{ type_double() }}), 0) as service_score,
    cast(service_answers as bigint) as service_answers,
    100.0 * nps_balance / nullif(cast(nps_answers as {{ type_double() }}), 0) as experience_score,
    cast(nps_answers as bigint) as experience_answers,
    cast(affected as bigint) as affected,
    cast(unaffected as bigint) as unaffected,
    compared_share,
    churn_affected,
    churn_unaffected,
    churn_expected,
    churn_affected - churn_unaffected as unadjusted_difference,
    adjusted_difference,
    ci_low,
    ci_high,
    p_value,
    q_value,
    is_significant,
    yearly_revenue,
    adjusted_difference * affected_revenue as revenue_at_risk,
    ci_low * affected_revenue as revenue_at_risk_low,
    ci_high * affected_revenue as revenue_at_risk_high,
    cast(
      row_number() over (
        partition by case when segment = 'all' then 0 else 1 end
        order by
          case when is_significant then 0 else 1 end asc,
          adjusted_difference * affected_revenue desc nulls last,
          stage_position asc,
          segment asc
      ) as bigint
    ) as audit_rank,
    case
      when p_value is null or service is null then 'insufficient sample'
      when is_significant and service = 'good' then 'service masks an experience failure'
      when is_significant then 'both failing'
      when service = 'failing' then 'service failing'
      else 'healthy'
    end as finding,
    as_of
  from judged
)

select * from final
