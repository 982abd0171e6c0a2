-- A customer belongs to the first variant they were shown, whatever happened to them later: comparing those who got a
-- variant would compare who chose it.
with exposures as (
  select
    experiment,
    variant,
    customer_id,
    source,
    occurred_at,
    row_number() over (
      partition by experiment, customer_id order by occurred_at, touchpoint_event_id
    ) as exposure_number
  from {{ ref('fct_touchpoint_events') }}
  where experiment is not null and variant is not null and customer_id is not null
),

seen as (
  select
    experiment,
    customer_id,
    count(*) as exposures,
    count(distinct variant) as variants_seen
  from exposures
  group by experiment, customer_id
),

final as (
  select
    exposures.experiment || ':' || exposures.customer_id as experiment_assignment_id,
    exposures.experiment,
    exposures.customer_id,
    exposures.source,
    exposures.variant,
    exposures.occurred_at as assigned_at,
    {{ reporting_date('exposures.occurred_at') }} as assigned_on,
    cast(seen.exposures as bigint) as exposures,
    cast(seen.variants_seen as bigint) as variants_seen
  from exposures
  inner join seen on exposures.experiment = seen.experiment and exposures.customer_id = seen.customer_id
  where exposures.exposure_number = 1
)

select * from final
