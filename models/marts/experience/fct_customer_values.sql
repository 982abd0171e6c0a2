-- What present customers are still worth: each one's own margin of a month, as long as customers of the segment stay.
--
-- The churn of a segment is that of the last twelve months, shrunk to the whole: as if one more of its customers had left,
-- after as many months as it takes for one to leave at the rate of all. So no segment has a churn of zero, and a small one
-- has about that of all. It is the mean of a gamma distribution; the influence of a customer on the sum of values and the
-- variance that the added loss brings give the interval of the sum (delta method; W. G. Cochran, Sampling Techniques,
-- 1977, chapter 6).
{%- set discount = (1 + var('discount_rate')) ** (1 / 12) - 1 %}
with months as (
  select
    month_on,
    cast({{ dbt.dateadd('month', -11, 'cast(month_on as timestamp)') }} as date) as first_month_on
  from {{ ref('int_months') }}
  where is_complete
),

customer_months as (
  select
    months.customer_id,
    months.month_on,
    months.is_retained,
    months.margin,
    cast(case when months.is_churned and months.margin is not null then 1 else 0 end as {{ type_double() }}) as losses,
    coalesce(customers.segment, 'unknown') as segment
  from {{ ref('int_customer_months') }} as months
  left join {{ ref('int_customers') }} as customers on months.customer_id = customers.customer_id
  where months.is_complete and months.is_active_at_start
),

-- The churn is that of the months whose margin is known, so that both are of the same customers.
last_year as (
  select
    months.month_on,
    customer_months.customer_id,
    customer_months.segment,
    max(
      case when customer_months.month_on = months.month_on and customer_months.is_retained then 1 else 0 end
    ) = 1 as is_present,
    cast(count(customer_months.margin) as {{ type_double() }}) as months_at_risk,
    sum(customer_months.losses) as losses,
    avg(customer_months.margin) as monthly_margin
  from months
  inner join customer_months
    on months.month_on >= customer_months.month_on and months.first_month_on <= customer_months.month_on
  group by months.month_on, customer_months.customer_id, customer_months.segment
  having count(customer_months.margin) > 0
),

whole as (
  select
    month_on,
    sum(months_at_risk) / (sum(losses) + 0.5) as months_per_loss
  from last_year
  group by month_on
),

segments as (
  select
    last_year.month_on,
    last_year.segment,
    sum(last_year.months_at_risk) as months_at_risk,
    sum(last_year.months_at_risk) + max(whole.months_per_loss) as months_with_prior,
    (sum(last_year.losses) + 1) / (sum(last_year.months_at_risk) + max(whole.months_per_loss)) as churn,
    sum(case when last_year.is_present then last_year.monthly_margin else 0 end) as margin
  from last_year
  inner join whole on last_year.month_on = whole.month_on
  group by last_year.month_on, last_year.segment
),

rates as (
  select
    *,
    {{ 1 + discount }} / (churn + {{ discount }}) as months_of_margin,
    -- By how much all values of the segment fall when its rate of loss rises, for each month at risk.
    margin * {{ 1 + discount }} / ((churn + {{ discount }}) * (churn + {{ discount }})) / months_with_prior as sensitivity
  from segments
),

final as (
  select
    last_year.customer_id || ':' || last_year.month_on as customer_value_id,
    last_year.customer_id,
    last_year.month_on,
    last_year.is_present,
    cast(last_year.months_at_risk as bigint) as months_at_risk,
    cast(last_year.losses as bigint) as losses,
    last_year.monthly_margin,
    rates.churn as segment_churn,
    case when last_year.is_present then last_year.monthly_margin * rates.months_of_margin end as present_value,
    case when last_year.is_present then last_year.monthly_margin * rates.months_of_margin else 0 end
    - rates.sensitivity * (last_year.losses - rates.churn * last_year.months_at_risk) as influence,
    rates.sensitivity * rates.sensitivity * last_year.months_at_risk / rates.months_at_risk as prior_variance
  from last_year
  inner join rates on last_year.month_on = rates.month_on and last_year.segment = rates.segment
)

select * from final
