with horizons as (
  select cast(1 as bigint) as horizon_months
  union all
  select cast(3 as bigint) as horizon_months
  union all
  select cast(12 as bigint) as horizon_months
),

-- The last month of each horizon. A month in which no customer was left has to be there, too.
months as (
  select
    horizons.horizon_months,
    months.month_on,
    cast({{ dbt.dateadd(
      'month', 'cast(1 - horizons.horizon_months as integer)', 'cast(months.month_on as timestamp)'
    ) }} as date) as horizon_starts_on
  from {{ ref('int_months') }} as months
  cross join horizons
  where months.is_complete
),

customer_months as (
  select
    months.customer_id,
    months.month_on,
    months.is_active_at_start,
    months.is_active_at_end,
    money.recurring_at_start,
    money.recurring_at_end
  from {{ ref('int_customer_active_months') }} as months
  left join {{ ref('int_customer_month_money') }} as money
    on months.customer_id = money.customer_id and months.month_on = money.month_on
),

cohorts as (
  select
    at_start.customer_id,
    months.month_on,
    months.horizon_months,
    months.horizon_starts_on,
    -- Who has no row of the last month was gone before it began.
    coalesce(at_end.is_active_at_end, false) as is_retained,
    at_start.recurring_at_start as starting,
    case when at_end.customer_id is null then 0 else at_end.recurring_at_end end as ending
  from months
  inner join customer_months as at_start on months.horizon_starts_on = at_start.month_on
  left join customer_months as at_end
    on at_start.customer_id = at_end.customer_id and months.month_on = at_end.month_on
  where at_start.is_active_at_start
),

final as (
  select
    customer_id || ':' || month_on || ':' || horizon_months as customer_horizon_id,
    customer_id,
    month_on,
    horizon_months,
    horizon_starts_on,
    is_retained,
    not is_retained as is_churned,
    case when starting > 0 and ending is not null then starting end as starting_recurring_revenue,
    case when starting > 0 then ending end as ending_recurring_revenue,
    -- What a customer pays more than at the start makes up for nobody else.
    case when starting > 0 then case when ending > starting then starting else ending end end
      as kept_recurring_revenue
  from cohorts
)

select * from final
