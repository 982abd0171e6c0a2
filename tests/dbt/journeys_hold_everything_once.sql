-- What a known customer did lies in exactly one journey: sums over journeys are the sums over the facts. A row that a
-- join doubled or lost shows here.
with journeys as (
  select
    count(*) as journeys,
    coalesce(sum(contacts), 0) as contacts,
    coalesce(sum(contacts_without_cause), 0) as contacts_without_cause,
    coalesce(sum(revenue), 0) as revenue,
    coalesce(sum(margin), 0) as margin,
    coalesce(sum(touchpoints), 0) as touchpoints
  from {{ ref('fct_journeys') }}
),

stage_seed as (
  select count(*) as stages_of_a_journey
  from {{ ref('journey_stages') }}
),

stages as (
  select
    count(*) as stages,
    coalesce(sum(contacts), 0) as contacts_by_cause,
    coalesce(sum(touchpoints), 0) as touchpoints_by_stage,
    coalesce(sum(csat_answers), 0) as csat_answers_by_stage
  from {{ ref('fct_journey_stages') }}
),

tickets as (
  select
    count(*) as tickets_of_customers,
    coalesce(sum(case when is_proactive or is_merged then 0 else 1 end), 0) as contacts_of_customers
  from {{ ref('fct_tickets') }}
  where customer_id is not null
),

placed_tickets as (
  select count(*) as tickets_in_journeys
  from {{ ref('int_journey_tickets') }}
),

orders as (
  select
    coalesce(sum(amount - refunded_amount), 0) as revenue_of_customers,
    coalesce(sum(margin - refunded_margin), 0) as margin_of_customers
  from {{ ref('fct_orders') }}
  where customer_id is not null
),

touchpoint_events as (
  select
    count(journey_id) as touchpoints_in_journeys,
    coalesce(sum(case when journey_id is not null and stage is null then 1 else 0 end), 0) as touchpoints_without_stage,
    coalesce(sum(case when touchpoint is not null and customer_id is not null then 1 else 0 end), 0) as events_of_customers,
    coalesce(sum(case when touchpoint is not null and journey_id is not null then 1 else 0 end), 0) as events_in_journeys
  from {{ ref('fct_touchpoint_events') }}
),

answers as (
  select count(scale_share) as csat_answers_of_customers
  from {{ ref('fct_survey_responses') }}
  where customer_id is not null and stage is not null and survey_type = 'csat'
),

cycles as (
  select
    count(*) as cycles,
    count(distinct events.journey_id) as journeys_with_a_cycle
  from {{ ref('int_customer_cycles') }} as customer_cycles
  left join {{ ref('int_journey_events') }} as events on 'cycle:' || customer_cycles.cycle_id = events.event_id
),

sums as (
  select
    journeys.*,
    stage_seed.*,
    stages.*,
    tickets.*,
    placed_tickets.*,
    orders.*,
    touchpoint_events.*,
    answers.*,
    cycles.*
  from journeys
  cross join stage_seed
  cross join stages
  cross join tickets
  cross join placed_tickets
  cross join orders
  cross join touchpoint_events
  cross join answers
  cross join cycles
)

select *
from sums
where
  (
    stages = journeys * stages_of_a_journey
    and tickets_in_journeys = tickets_of_customers
    and contacts = contacts_of_customers
    and contacts_by_cause + contacts_without_cause = contacts
    -- Sums of money may differ in the last digit.
    and abs(revenue - revenue_of_customers) <= 1e-9 * (1 + abs(revenue_of_customers))
    and abs(margin - margin_of_customers) <= 1e-9 * (1 + abs(margin_of_customers))
    and touchpoints = touchpoints_in_journeys
    and touchpoints_by_stage + touchpoints_without_stage = touchpoints_in_journeys
    and events_in_journeys = events_of_customers
    and csat_answers_by_stage = csat_answers_of_customers
    and journeys_with_a_cycle = cycles
  ) is not true
