with journeys as (
  select
    journey_id,
    customer_id,
    customer_journey_number,
    min(source) as source,
    min(occurred_at) as started_at,
    max(case when not is_sequel then occurred_at end) as last_event_at,
    max(case when event_kind = 'cycle' then subject_id end) as cycle_id,
    -- A purchase counts from the relationship it began.
    coalesce(
      min(case when event_kind = 'cycle' then occurred_at end),
      min(case when event_kind in ('order', 'subscription') then occurred_at end)
    ) as sold_at,
    min(case when stage = 'purchase' and not is_proactive then occurred_at end) as purchase_met_at,
    min(case when is_first_value then occurred_at end) as first_value_touchpoint_at,
    min(case when event_kind = 'renewal' then occurred_at end) as first_renewed_at
  from {{ ref('int_journey_events') }}
  group by journey_id, customer_id, customer_journey_number
),

with_silence as (
  select
    journeys.*,
    -- Only a source that knows of no sale at all tells of purchases by their touchpoints. Elsewhere a visit to the
    -- checkout would be a purchase until the real one comes, or for ever.
    case
      when max(journeys.sold_at) over (partition by journeys.source) is null then journeys.purchase_met_at
      else journeys.sold_at
    end as purchased_at,
    {{ dbt.dateadd('day', var('journey_gap_days'), 'journeys.last_event_at') }} as silent_until,
    cycles.ended_at as cycle_ended_at,
    cycles.outcome as cycle_outcome,
    -- Somebody is silent while everything is told that could break the silence.
    {{ told_until(['touchpoint_events', 'tickets', 'interactions', 'orders', 'subscriptions']) }} as known_until
  from journeys
  left join {{ ref('int_source_coverage') }} as coverage on journeys.source = coverage.source
  left join {{ ref('int_customer_cycles') }} as cycles on journeys.cycle_id = cycles.cycle_id
  cross join {{ ref('build_as_of') }} as build
),

with_ends as (
  select
    *,
    case
      when cycle_id is not null then cycle_ended_at
      when silent_until < known_until then silent_until
    end as ended_at,
    -- What happens in the days of grace after a relationship still belongs to it.
    case
      when cycle_id is not null then {{ dbt.dateadd('day', var('churn_grace_days'), 'cycle_ended_at') }}
      when silent_until < known_until then silent_until
    end as closes_at
  from with_silence
),

final as (
  select
    journey_id,
    customer_id,
    source,
    customer_journey_number,
    cycle_id,
    started_at,
    ended_at,
    closes_at,
    case
      when ended_at is null and first_renewed_at is not null then 'renewed'
      when ended_at is null then 'active'
      else coalesce(cycle_outcome, 'lapsed')
    end as outcome,
    purchased_at,
    row_number() over (
      partition by customer_id, case when purchased_at is null then 0 else 1 end order by customer_journey_number
    ) = 1 and purchased_at is not null as is_first_purchase,
    first_value_touchpoint_at,
    first_renewed_at
  from with_ends
)

select * from final
