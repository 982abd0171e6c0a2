-- Contacts, money and opinions of a journey, each summed before it is joined, so that no row multiplies another.
with tickets as (
  select
    tickets.journey_id,
    sum(case when tickets.is_contact then 1 else 0 end) as contacts,
    sum(case when tickets.is_contact and tickets.is_avoidable then 1 else 0 end) as avoidable_contacts,
    sum(case when tickets.is_contact and tickets.cause_stage is null then 1 else 0 end) as contacts_without_cause,
    -- To ask is to ask, also where the ticket was merged into another.
    max(
      case
        when tickets.is_opened_by_customer and (journeys.ended_at is null or tickets.created_at <= journeys.ended_at)
          then tickets.created_at
      end
    ) as last_asked_at
  from {{ ref('int_journey_tickets') }} as tickets
  inner join {{ ref('int_journeys') }} as journeys on tickets.journey_id = journeys.journey_id
  group by tickets.journey_id
),

orders as (
  select
    events.journey_id,
    sum(orders.amount - orders.refunded_amount) as revenue,
    sum(orders.margin - orders.refunded_margin) as margin
  from {{ ref('int_journey_events') }} as events
  inner join {{ ref('int_purchases') }} as orders
    on events.subject_id = orders.order_id and events.event_kind = 'order'
  group by events.journey_id
),

answers as (
  select
    events.journey_id,
    answers.scope,
    answers.csat_share,
    answers.nps_group,
    row_number() over (
      partition by events.journey_id, answers.scope, case when answers.nps_group is null then 0 else 1 end
      order by answers.responded_at desc, answers.response_id desc
    ) as answers_from_last
  from {{ ref('int_journey_events') }} as events
  inner join {{ ref('int_survey_answers') }} as answers
    on events.subject_id = answers.response_id and events.event_kind = 'survey_answer'
),

opinions as (
  select
    journey_id,
    avg(case when scope = 'service_touchpoint' then csat_share end) as service_satisfaction,
    avg(case when scope = 'touchpoint' then csat_share end) as touchpoint_satisfaction,
    max(case when scope = 'relationship' and answers_from_last = 1 then nps_group end) as nps_group
  from answers
  group by journey_id
),

final as (
  select
    journeys.journey_id,
    case when effort.are_tickets_known then cast(coalesce(tickets.contacts, 0) as bigint) end as contacts,
    case when effort.are_tickets_known then cast(coalesce(tickets.avoidable_contacts, 0) as bigint) end
      as avoidable_contacts,
    case when effort.are_tickets_known then cast(coalesce(tickets.contacts_without_cause, 0) as bigint) end
      as contacts_without_cause,
    tickets.last_asked_at,
    -- Nothing was sold is zero; what was sold at an amount that nobody states is unknown, and so is everything after the
    -- last day that orders are told of.
    case
      when journeys.started_at >= coverage.orders_until then orders.revenue
      when coverage.orders_since is not null and orders.journey_id is null then 0
      else orders.revenue
    end as revenue,
    case
      when journeys.started_at >= coverage.orders_until then orders.margin
      when coverage.margins_since is not null and orders.journey_id is null then 0
      else orders.margin
    end as margin,
    opinions.service_satisfaction,
    opinions.touchpoint_satisfaction,
    opinions.nps_group
  from {{ ref('int_journeys') }} as journeys
  left join {{ ref('int_journey_effort') }} as effort on journeys.journey_id = effort.journey_id
  left join tickets on journeys.journey_id = tickets.journey_id
  left join orders on journeys.journey_id = orders.journey_id
  left join {{ ref('int_source_coverage') }} as coverage on journeys.source = coverage.source
  left join opinions on journeys.journey_id = opinions.journey_id
)

select * from final
