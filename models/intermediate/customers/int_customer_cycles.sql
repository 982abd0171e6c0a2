-- A cycle is one unbroken relationship, from its start up to but not including its end. From a customer's first
-- subscription on subscriptions decide, before it orders do: who subscribes later was a customer all the same. A customer
-- with neither has no cycle: nothing says when they were active.
with as_of as (
  select as_of from {{ ref('build_as_of') }}
),

-- A trial makes nobody a customer.
bound as (
  select
    *,
    {{ dbt.dateadd('day', var('pause_days'), 'started_at') }} as pause_counts_until
  from {{ ref('int_subscriptions') }}
  where coalesce(term_kind, 'paid') != 'trial'
),

-- A pause keeps a customer for so many days and no longer.
subscriptions as (
  select
    customer_id,
    source,
    started_at,
    case
      when term_kind = 'pause' and (ended_at is null or ended_at > pause_counts_until) then pause_counts_until
      else ended_at
    end as ended_at
  from bound
),

subscription_terms as (
  select
    subscriptions.customer_id,
    subscriptions.source,
    subscriptions.started_at,
    -- A term that runs on, or ends after the as-of date, has not ended.
    case when subscriptions.ended_at <= as_of.as_of then subscriptions.ended_at end as ended_at,
    case
      when subscriptions.ended_at <= as_of.as_of then subscriptions.ended_at
      else cast('9999-12-31' as timestamp)
    end as open_until,
    {{ dbt.dateadd('day', var('churn_grace_days'), 'subscriptions.ended_at') }} as counts_until
  from subscriptions
  cross join as_of
  where subscriptions.customer_id is not null and subscriptions.started_at <= as_of.as_of
),

first_subscriptions as (
  select
    customer_id,
    min(started_at) as subscribed_at
  from subscription_terms
  group by customer_id
),

orders as (
  select
    orders.customer_id,
    orders.source,
    orders.ordered_at,
    first_subscriptions.subscribed_at,
    {{ dbt.dateadd('day', var('lapse_days'), 'orders.ordered_at') }} as lapses_at
  from {{ ref('int_purchases') }} as orders
  left join first_subscriptions on orders.customer_id = first_subscriptions.customer_id
  where
    orders.customer_id is not null
    and (first_subscriptions.subscribed_at is null or orders.ordered_at < first_subscriptions.subscribed_at)
),

order_terms as (
  select
    customer_id,
    source,
    ordered_at as started_at,
    case when subscribed_at < lapses_at then subscribed_at else lapses_at end as ended_at
  from orders
),

terms as (
  select
    *,
    'churned' as ended_outcome
  from subscription_terms
  union all
  select
    *,
    ended_at as open_until,
    ended_at as counts_until,
    'lapsed' as ended_outcome
  from order_terms
),

with_before as (
  select
    *,
    max(coalesce(case when ended_at is null then open_until end, counts_until)) over (
      partition by customer_id order by started_at, open_until
      rows between unbounded preceding and 1 preceding
    ) as counts_until_before
  from terms
),

numbered as (
  select
    *,
    sum(case when counts_until_before >= started_at then 0 else 1 end) over (
      partition by customer_id order by started_at, open_until rows unbounded preceding
    ) as cycle_number
  from with_before
),

cycles as (
  select
    customer_id,
    source,
    cycle_number,
    min(started_at) as started_at,
    max(open_until) as ended_at,
    -- The last second of a day counts as its end, as it does for the months that wait for these days.
    {{ dbt.dateadd(
      'second', -1, 'max(coalesce(case when ended_at is null then open_until end, counts_until))'
    ) }} as known_at,
    -- Of a cycle that led from orders to a subscription, the subscription was the end.
    min(ended_outcome) as ended_outcome
  from numbered
  group by customer_id, source, cycle_number
),

-- Of a table that its source tells no longer, nobody knows who went on.
with_cover as (
  select
    cycles.*,
    case
      when cycles.ended_outcome = 'churned' then {{ told_until(['subscriptions'], as_of='as_of.as_of') }}
      else {{ told_until(['orders'], as_of='as_of.as_of') }}
    end as known_until
  from cycles
  left join {{ ref('int_source_coverage') }} as coverage on cycles.source = coverage.source
  cross join as_of
),

final as (
  select
    cycles.customer_id || ':' || cycles.cycle_number as cycle_id,
    cycles.customer_id,
    cycles.source,
    cast(cycles.cycle_number as bigint) as cycle_number,
    cycles.started_at,
    -- Within its days of grace an ended subscription may still be renewed.
    case when cycles.known_at <= cycles.known_until then cycles.ended_at end as ended_at,
    case when cycles.known_at <= cycles.known_until then cycles.ended_outcome else 'active' end as outcome
  from with_cover as cycles
)

select * from final
