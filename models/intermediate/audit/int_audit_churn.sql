-- Churned customers among the affected against those to be expected of the same strata: for each stratum, the rate at which the
-- unaffected leave times the time of the affected. Strata weigh what the affected make of them, since the question is
-- what happened to these customers. A relationship ends once and no time counts twice, so churned customers are counts whose
-- variances add up, however many episodes a customer has.
with strata as (
  select
    *,
    affected_days > 0 and unaffected_days > 0 as is_compared
  from {{ ref('int_audit_strata') }}
),

by_segment as (
  select
    stage,
    segment,
    sum(affected_days) as all_affected_days,
    sum(case when is_compared then affected_episodes else 0 end) as affected,
    sum(case when is_compared then affected_churned else 0 end) as affected_churned,
    sum(case when is_compared then affected_days else 0 end) as affected_days,
    sum(case when is_compared then unaffected_churned else 0 end) as unaffected_churned,
    sum(case when is_compared then unaffected_days else 0 end) as unaffected_days,
    sum(case when is_compared then unaffected_churned * affected_days / unaffected_days else 0 end) as expected_churned,
    sum(
      case
        when is_compared
          then unaffected_churned * (affected_days / unaffected_days) * (affected_days / unaffected_days)
        else 0
      end
    ) as expected_variance
  from strata
  group by stage, segment
),

-- Each affected customer stands for what one of the segment brings.
with_revenue as (
  select
    by_segment.*,
    case when by_segment.affected > 0 then by_segment.affected * revenue.yearly_revenue else 0 end as affected_revenue
  from by_segment
  left join {{ ref('int_audit_revenue') }} as revenue on by_segment.segment = revenue.segment
),

with_all as (
  select * from with_revenue
  union all
  select
    stage,
    'all' as segment,
    sum(all_affected_days) as all_affected_days,
    sum(affected) as affected,
    sum(affected_churned) as affected_churned,
    sum(affected_days) as affected_days,
    sum(unaffected_churned) as unaffected_churned,
    sum(unaffected_days) as unaffected_days,
    sum(expected_churned) as expected_churned,
    sum(expected_variance) as expected_variance,
    case when count(*) = count(affected_revenue) then sum(affected_revenue) end as affected_revenue
  from with_revenue
  group by stage
),

shares as (
  select
    *,
    -- What the unaffected time amounts to in stretches as long as those of the affected.
    unaffected_days * affected / nullif(affected_days, 0) as stretches,
    affected_churned / nullif(cast(affected as {{ type_double() }}), 0) as churn_affected,
    expected_churned / nullif(cast(affected as {{ type_double() }}), 0) as churn_expected,
    (1.959964 * sqrt(affected_churned + {{ 1.959964 ** 2 / 4 }}) - {{ 1.959964 ** 2 / 2 }})
    / nullif(cast(affected as {{ type_double() }}), 0) as reach_below,
    (1.959964 * sqrt(affected_churned + {{ 1.959964 ** 2 / 4 }}) + {{ 1.959964 ** 2 / 2 }})
    / nullif(cast(affected as {{ type_double() }}), 0) as reach_above,
    1.959964 * sqrt(expected_variance) / nullif(cast(affected as {{ type_double() }}), 0) as reach_of_expected
  from with_all
),

final as (
  select
    stage,
    segment,
    cast(affected as bigint) as affected,
    cast(round(stretches) as bigint) as unaffected,
    cast(affected_churned as bigint) as affected_churned,
    expected_churned,
    affected_days / nullif(all_affected_days, 0) as compared_share,
    affected_revenue / nullif(affected, 0) as yearly_revenue,
    churn_affected,
    unaffected_churned / nullif(stretches, 0) as churn_unaffected,
    churn_expected,
    churn_affected - churn_expected as adjusted_difference,
    -- Both ends by R. G. Newcombe's rule for a difference (Statistics in Medicine 17, 1998): the score interval of a count
    -- for the churned customers, and the normal one for those to be expected.
    churn_affected - churn_expected
    - sqrt(reach_below * reach_below + reach_of_expected * reach_of_expected) as ci_low,
    churn_affected - churn_expected
    + sqrt(reach_above * reach_above + reach_of_expected * reach_of_expected) as ci_high,
    -- If nothing were the matter, the churned customers would be a count about the expected. A count is skewed, the more the fewer
    -- are expected; its root is nearly normal with a variance of a quarter (M. S. Bartlett, 1936), and the error of the
    -- expectation adds to that.
    2 * (sqrt(cast(affected_churned as {{ type_double() }})) - sqrt(expected_churned))
    / sqrt(1 + expected_variance / nullif(expected_churned, 0)) as deviate
  from shares
)

select * from final
