{%- set rate = var('recurring_margin_rate') %}
with months as (
  select * from {{ ref('int_customer_active_months') }}
),

terms as (
  select * from {{ ref('int_subscription_terms') }}
),

moments as (
  select month_starts_at as moment from months
  union distinct
  select month_ends_at as moment from months
),

-- What the terms that run at a moment bring in a month; unknown while the price of one of them is.
recurring as (
  select
    terms.customer_id,
    moments.moment,
    case when count(*) = count(terms.recurring_amount) then sum(terms.recurring_amount) end as amount
  from terms
  inner join moments
    on terms.started_at <= moments.moment and (terms.runs_until is null or terms.runs_until > moments.moment)
  group by terms.customer_id, moments.moment
),

orders as (
  select
    customer_id,
    {{ reporting_month('ordered_at') }} as month_on,
    -- What is given back counts in the month in which it is, whichever sign a source writes before it.
    sum(case when refund_of is null then amount else -abs(amount) end) as revenue,
    case when count(*) = count(margin) then sum(case when refund_of is null then margin else -abs(margin) end) end
      as margin
  from {{ ref('int_orders') }}
  group by customer_id, {{ reporting_month('ordered_at') }}
),

spend as (
  select
    customer_id,
    cast({{ dbt.date_trunc('month', 'month') }} as date) as month_on,
    max(category_spend) as category_spend
  from {{ ref('int_category_spend') }}
  group by customer_id, cast({{ dbt.date_trunc('month', 'month') }} as date)
),

coverage as (
  select
    source,
    subscriptions_since,
    subscriptions_until,
    {{ reporting_month('orders_since') }} as orders_since_month,
    {{ reporting_month('margins_since') }} as margins_since_month,
    {{ reporting_month(told_last('orders')) }} as orders_until_month
  from {{ ref('int_source_coverage') }}
),

-- Nothing known is not the same as nothing: before its first order or term, and after the last day it tells of, a source
-- says nothing of its customers.
known as (
  select
    months.*,
    coverage.orders_since_month is not null as has_orders,
    coverage.subscriptions_since is not null as has_terms,
    months.month_on >= coverage.orders_since_month
    and coalesce(months.month_on <= coverage.orders_until_month, true) as are_orders_known,
    months.month_on >= coverage.margins_since_month
    and coalesce(months.month_on <= coverage.orders_until_month, true) as are_margins_known,
    months.month_starts_at >= coverage.subscriptions_since
    and coalesce(months.month_starts_at <= coverage.subscriptions_until, true) as is_start_known,
    months.month_ends_at >= coverage.subscriptions_since
    and coalesce(months.month_ends_at <= coverage.subscriptions_until, true) as is_end_known
  from months
  left join coverage on months.source = coverage.source
),

amounts as (
  select
    months.customer_id,
    months.month_on,
    spend.category_spend,
    months.has_orders,
    months.has_terms,
    case when months.are_orders_known then coalesce(orders.revenue, 0) end as revenue,
    case
      when months.are_margins_known and orders.customer_id is null then 0
      when months.are_margins_known then orders.margin
    end as order_margin,
    case
      when months.is_start_known and at_start.customer_id is null then 0
      when months.is_start_known then at_start.amount
    end as recurring_at_start,
    case
      when months.is_end_known and at_end.customer_id is null then 0
      when months.is_end_known then at_end.amount
    end as recurring_at_end
  from known as months
  left join orders on months.customer_id = orders.customer_id and months.month_on = orders.month_on
  left join spend on months.customer_id = spend.customer_id and months.month_on = spend.month_on
  left join recurring as at_start
    on months.customer_id = at_start.customer_id and months.month_starts_at = at_start.moment
  left join recurring as at_end
    on months.customer_id = at_end.customer_id and months.month_ends_at = at_end.moment
),

final as (
  select
    customer_id,
    month_on,
    revenue,
    -- A source without any order sells none, and one without any term has no subscriptions.
    case when has_orders then order_margin else 0 end
    + case
      when has_terms
        then recurring_at_start * cast({{ 'null' if rate is none or rate == '' else rate }} as {{ type_double() }})
      else 0
    end as margin,
    recurring_at_start,
    recurring_at_end,
    category_spend,
    case when has_orders then revenue else 0 end + case when has_terms then recurring_at_start else 0 end as own_spend
  from amounts
)

select * from final
