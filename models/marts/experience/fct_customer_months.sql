with build as (
  select * from {{ ref('build_as_of') }}
),

months as (
  select distinct
    cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_on,
    cast({{ dbt.date_trunc('month', 'date_day') }} as timestamp) as month_starts_at,
    cast({{ dbt.dateadd('month', 1, dbt.date_trunc('month', 'date_day')) }} as timestamp) as month_ends_at
  from {{ ref('dim_dates') }}
),

active_months as (
  select
    cycles.customer_id,
    cycles.source,
    months.month_on,
    months.month_starts_at,
    months.month_ends_at,
    -- Several cycles can touch one month: a customer who left and came back within it was kept.
    max(
      case when cycles.started_at <= months.month_starts_at then 1 else 0 end
    ) = 1 as is_active_at_start,
    max(
      case when cycles.ended_at is null or cycles.ended_at > months.month_ends_at then 1 else 0 end
    ) = 1 as is_active_at_end
  from {{ ref('int_customer_cycles') }} as cycles
  inner join months
    on
      cycles.started_at < months.month_ends_at
      and (cycles.ended_at is null or cycles.ended_at > months.month_starts_at)
  group by cycles.customer_id, cycles.source, months.month_on, months.month_starts_at, months.month_ends_at
),

contacts as (
  select
    customer_id,
    cast({{ dbt.date_trunc('month', 'created_at') }} as date) as month_on,
    count(*) as contacts
  from {{ ref('int_tickets') }}
  -- A ticket the company opened is no contact of the customer.
  where not coalesce(is_proactive, false)
  group by customer_id, cast({{ dbt.date_trunc('month', 'created_at') }} as date)
),

revenue as (
  select
    customer_id,
    cast({{ dbt.date_trunc('month', 'ordered_at') }} as date) as month_on,
    sum(amount) as revenue
  from {{ ref('int_orders') }}
  group by customer_id, cast({{ dbt.date_trunc('month', 'ordered_at') }} as date)
),

tickets_known as (
  select
    source,
    cast({{ dbt.date_trunc('month', 'min(created_at)') }} as date) as since
  from {{ ref('int_tickets') }}
  group by source
),

orders_known as (
  select
    source,
    cast({{ dbt.date_trunc('month', 'min(ordered_at)') }} as date) as since
  from {{ ref('int_orders') }}
  group by source
),

final as (
  select
    months.customer_id || ':' || months.month_on as customer_month_id,
    months.customer_id,
    months.month_on,
    -- The last second of a day counts as its end: the latest event in the data can hardly fall on midnight.
    {{ dbt.dateadd('day', var('churn_grace_days'), dbt.dateadd('second', -1, 'months.month_ends_at')) }}
    <= build.as_of as is_complete,
    months.is_active_at_start,
    months.is_active_at_start and months.is_active_at_end as is_retained,
    months.is_active_at_start and not months.is_active_at_end as is_churned,
    -- Nothing known is not the same as none: a source without tickets, or none yet, says nothing of its customers.
    case when months.month_on >= tickets_known.since then cast(coalesce(contacts.contacts, 0) as bigint) end
      as contacts,
    case when months.month_on >= orders_known.since then coalesce(revenue.revenue, 0) end as revenue
  from active_months as months
  left join contacts on months.customer_id = contacts.customer_id and months.month_on = contacts.month_on
  left join revenue on months.customer_id = revenue.customer_id and months.month_on = revenue.month_on
  left join tickets_known on months.source = tickets_known.source
  left join orders_known on months.source = orders_known.source
  cross join build
)

select * from final
