-- What a customer brings in a year: orders and subscriptions of the last twelve months that are over, per customer-month,
-- times twelve. A source with neither says nothing of it.
with months as (
  select
    coalesce(customers.segment, 'unknown') as segment,
    months.month_on,
    months.revenue,
    months.starting_recurring_revenue,
    max(months.month_on) over () as last_on
  from {{ ref('int_customer_months') }} as months
  left join {{ ref('int_customers') }} as customers on months.customer_id = customers.customer_id
  where months.is_complete and months.is_active_at_start
),

final as (
  select
    segment,
    case
      when count(revenue) + count(starting_recurring_revenue) > 0
        then 12.0 * sum(coalesce(revenue, 0) + coalesce(starting_recurring_revenue, 0)) / count(*)
    end as yearly_revenue
  from months
  where month_on > {{ dbt.dateadd('month', -12, 'last_on') }}
  group by segment
)

select * from final
