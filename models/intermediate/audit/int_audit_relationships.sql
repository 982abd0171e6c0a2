-- The time in which a customer can be seen to leave: from the first subscription on, as far back as the tickets of its
-- source are known, until the customer left or the days of grace began: those before the as-of date, or before the end of
-- what is told. Customers who only order are left out: they lapse by silence, which every contact breaks, so contacts would
-- seem to keep them.
with subscribed as (
  select
    customer_id,
    min(started_at) as subscribed_at
  from {{ ref('int_subscriptions') }}
  where coalesce(term_kind, 'paid') != 'trial'
  group by customer_id
),

bounded as (
  select
    cycles.cycle_id,
    cycles.customer_id,
    coalesce(customers.segment, 'unknown') as segment,
    -- What runs when the subscriptions of a source begin to be known began earlier, with the customer.
    case
      when cycles.started_at <= coverage.subscriptions_since and customers.acquired_at < cycles.started_at
        then customers.acquired_at
      else cycles.started_at
    end as tenure_from,
    greatest(cycles.started_at, subscribed.subscribed_at, coverage.customer_tickets_since) as at_risk_from,
    cycles.ended_at,
    {{ dbt.dateadd('day', -var('churn_grace_days'), told_until(['tickets', 'subscriptions'])) }} as known_until
  from {{ ref('int_customer_cycles') }} as cycles
  inner join subscribed on cycles.customer_id = subscribed.customer_id
  inner join {{ ref('int_source_coverage') }} as coverage on cycles.source = coverage.source
  left join {{ ref('int_customers') }} as customers on cycles.customer_id = customers.customer_id
  cross join {{ ref('build_as_of') }} as build
  where coverage.customer_tickets_since is not null and coverage.subscriptions_since is not null
),

final as (
  select
    cycle_id,
    customer_id,
    segment,
    tenure_from,
    at_risk_from,
    case when ended_at <= known_until then ended_at else known_until end as at_risk_until,
    case when ended_at <= known_until then ended_at end as left_at,
    known_until
  from bounded
  where at_risk_from < known_until and (ended_at is null or at_risk_from < ended_at)
)

select * from final
