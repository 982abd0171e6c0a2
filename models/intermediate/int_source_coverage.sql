-- Before the moment from which a source tells of something, and after the one until which it does, nothing told does not
-- mean that nothing happened. What is dated after the as-of date is not told yet.
{%- set ending = [
  'tickets', 'ticket_events', 'interactions', 'survey_responses', 'touchpoint_events', 'orders', 'subscriptions',
  'referrals'
] %}
with build as (
  select * from {{ ref('build_as_of') }}
),

tickets as (
  select
    source,
    min(created_at) as tickets_since,
    min(case when is_proactive then created_at end) as company_tickets_since
  from {{ ref('int_tickets') }}
  group by source
),

customers as (
  select
    source,
    customer_id
  from {{ ref('int_subscriptions') }}
  union distinct
  select
    source,
    customer_id
  from {{ ref('int_orders') }}
),

-- Where nobody who asked is known as a customer, the ids of two systems differ, or only others asked: nobody can say of
-- any customer that they did not.
customer_tickets as (
  select
    customers.source,
    max(case when tickets.ticket_id is not null then 1 else 0 end) = 1 as are_known
  from customers
  left join {{ ref('int_tickets') }} as tickets on customers.customer_id = tickets.customer_id
  group by customers.source
),

ticket_events as (
  select
    source,
    min(case when event_type = 'public_reply' and actor_type = 'agent' then occurred_at end) as replies_since,
    min(case when event_type = 'customer_reply' then occurred_at end) as customer_messages_since,
    min(case when event_type = 'escalated' then occurred_at end) as escalations_since,
    min(case when event_type = 'transferred' then occurred_at end) as transfers_since,
    min(case when event_type = 'status_changed' and to_value = 'solved' then occurred_at end) as solutions_since
  from {{ ref('int_ticket_events') }}
  group by source
),

-- A reopening may follow from a later solution, without an event of its own.
reopenings as (
  select
    tickets.source,
    min(case when changes.is_reopening then changes.changed_at end) as reopenings_since
  from {{ ref('int_ticket_status_changes') }} as changes
  inner join {{ ref('int_tickets') }} as tickets on changes.ticket_id = tickets.ticket_id
  group by tickets.source
),

interactions as (
  select
    source,
    min(started_at) as interactions_since,
    min(case when channel is not null then started_at end) as channels_since,
    min(case when wait_seconds is not null then started_at end) as waits_since,
    min(case when is_abandoned is not null then started_at end) as abandonments_since
  from {{ ref('int_interactions') }}
  group by source
),

outreach_touchpoints as (
  select distinct outreach_touchpoint as touchpoint from {{ ref('risk_events') }}
),

touchpoint_events as (
  select
    events.source,
    min(events.occurred_at) as touchpoint_events_since,
    min(case when touchpoints.is_first_value then events.occurred_at end) as first_values_since,
    min(case when events.is_proactive and outreach.touchpoint is not null then events.occurred_at end)
      as outreach_events_since
  from {{ ref('int_touchpoint_events') }} as events
  left join {{ ref('touchpoints') }} as touchpoints on events.touchpoint = touchpoints.touchpoint
  left join outreach_touchpoints as outreach on events.touchpoint = outreach.touchpoint
  group by events.source
),

orders as (
  select
    source,
    min(ordered_at) as orders_since,
    min(case when margin is not null then ordered_at end) as margins_since,
    min(case when delivered_at is not null then ordered_at end) as deliveries_since
  from {{ ref('int_orders') }}
  group by source
),

subscriptions as (
  select
    subscriptions.source,
    min(case when subscriptions.started_at <= build.as_of then subscriptions.started_at end) as subscriptions_since
  from {{ ref('int_subscriptions') }} as subscriptions
  cross join build
  group by subscriptions.source
),

referrals as (
  select
    referrals.source,
    min(case when referrals.referred_at <= build.as_of then referrals.referred_at end) as referrals_since,
    min(case when referrals.converted_at <= build.as_of then referrals.converted_at end) as conversions_since
  from {{ ref('int_referrals') }} as referrals
  cross join build
  group by referrals.source
),

-- The first moment after the last day; null for a table that goes on.
ends as (
  select
    {% for table in ending %}
      max(
        case
          when has_ended and table_name = '{{ table }}'
            then {{ dbt.dateadd('day', 1, 'cast(ends_on as timestamp)') }}
        end
      ) as {{ table }}_until,
    {% endfor %}
    source
  from {{ ref('source_coverage') }}
  group by source
),

sources as (
  select source from tickets
  union distinct
  select source from ticket_events
  union distinct
  select source from interactions
  union distinct
  select source from touchpoint_events
  union distinct
  select source from orders
  union distinct
  select source from subscriptions
  union distinct
  select source from referrals
),

final as (
  select
    sources.source,
    tickets.tickets_since,
    case when coalesce(customer_tickets.are_known, true) then tickets.tickets_since end as customer_tickets_since,
    ticket_events.replies_since,
    ticket_events.customer_messages_since,
    ticket_events.escalations_since,
    ticket_events.transfers_since,
    reopenings.reopenings_since,
    ticket_events.solutions_since,
    interactions.interactions_since,
    interactions.channels_since,
    interactions.waits_since,
    interactions.abandonments_since,
    touchpoint_events.touchpoint_events_since,
    touchpoint_events.first_values_since,
    -- Outreach is a ticket the company opened, or a notice at a touchpoint made for it: whichever is told first.
    case
      when
        tickets.company_tickets_since is null
        or touchpoint_events.outreach_events_since < tickets.company_tickets_since
        then touchpoint_events.outreach_events_since
      else tickets.company_tickets_since
    end as outreach_since,
    orders.orders_since,
    orders.margins_since,
    orders.deliveries_since,
    subscriptions.subscriptions_since,
    referrals.referrals_since,
    {% for table in ending %}
      ends.{{ table }}_until,
    {% endfor %}
    referrals.conversions_since
  from sources
  left join tickets on sources.source = tickets.source
  left join customer_tickets on sources.source = customer_tickets.source
  left join ticket_events on sources.source = ticket_events.source
  left join reopenings on sources.source = reopenings.source
  left join interactions on sources.source = interactions.source
  left join touchpoint_events on sources.source = touchpoint_events.source
  left join orders on sources.source = orders.source
  left join subscriptions on sources.source = subscriptions.source
  left join referrals on sources.source = referrals.source
  left join ends on sources.source = ends.source
)

select * from final
