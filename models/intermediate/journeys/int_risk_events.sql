-- Moments in which the experience fails a customer, whether or not anybody asks: what tells of each kind is in the seed.
with kinds as (
  select * from {{ ref('risk_events') }}
),

deliveries as (
  select
    'delivery' as told_by,
    'order' as subject_kind,
    orders.order_id as subject_id,
    orders.customer_id,
    orders.source,
    orders.promised_at as happened_at
  from {{ ref('int_orders') }} as orders
  inner join {{ ref('int_source_coverage') }} as coverage on orders.source = coverage.source
  -- Where no delivery is told, or none any more, one that is missing is not late.
  where
    orders.ordered_at >= coverage.deliveries_since
    and coalesce(orders.promised_at < coverage.orders_until, true)
    and (orders.delivered_at is null or orders.delivered_at > orders.promised_at)
),

payments as (
  select
    'payment' as told_by,
    'order' as subject_kind,
    order_id as subject_id,
    customer_id,
    source,
    payment_failed_at as happened_at
  from {{ ref('int_orders') }}
  union all
  select
    'payment' as told_by,
    'subscription' as subject_kind,
    subscription_id as subject_id,
    customer_id,
    source,
    payment_failed_at as happened_at
  from {{ ref('int_subscriptions') }}
),

-- Who left before the days were over has nothing to finish.
onboardings as (
  select
    'onboarding' as told_by,
    'journey' as subject_kind,
    journeys.journey_id as subject_id,
    journeys.customer_id,
    journeys.source,
    {{ dbt.dateadd('day', var('onboarding_days'), 'journeys.purchased_at') }} as happened_at,
    journeys.ended_at
  from {{ ref('int_journeys') }} as journeys
  inner join {{ ref('int_journey_outcomes') }} as outcomes on journeys.journey_id = outcomes.journey_id
  where not outcomes.is_onboarded_in_time
),

told as (
  select * from deliveries
  union all
  select * from payments
  union all
  select
    told_by,
    subject_kind,
    subject_id,
    customer_id,
    source,
    happened_at
  from onboardings
  where ended_at is null or ended_at > happened_at
),

happened as (
  select
    kinds.risk_event,
    kinds.journey_stage as stage,
    kinds.outreach_touchpoint,
    told.subject_kind,
    told.subject_id,
    told.customer_id,
    told.source,
    told.happened_at
  from told
  inner join kinds on told.told_by = kinds.told_by
  union all
  select
    kinds.risk_event,
    kinds.journey_stage as stage,
    kinds.outreach_touchpoint,
    'touchpoint_event' as subject_kind,
    events.touchpoint_event_id as subject_id,
    events.customer_id,
    events.source,
    events.occurred_at as happened_at
  from {{ ref('int_touchpoint_events') }} as events
  inner join kinds on events.touchpoint = kinds.touchpoint
),

final as (
  select
    -- An order and a subscription may have the same id.
    happened.risk_event || ':' || happened.subject_kind || ':' || happened.subject_id as risk_event_id,
    happened.risk_event,
    happened.stage,
    happened.outreach_touchpoint,
    happened.subject_id,
    happened.customer_id,
    happened.source,
    happened.happened_at
  from happened
  cross join {{ ref('build_as_of') }} as build
  where happened.customer_id is not null and happened.happened_at <= build.as_of
)

select * from final
