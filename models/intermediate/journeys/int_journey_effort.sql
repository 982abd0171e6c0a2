-- What the tickets of the first days of a journey (variable effort_days), and the calls nobody took in them, made the
-- customer do in these days. The same days for every journey: an old one had more time to become hard. A part that the source never shows is
-- unknown for all its journeys, also for those without a ticket.
with journeys as (
  select
    journey_id,
    source,
    started_at,
    closes_at,
    {{ dbt.dateadd('day', var('effort_days'), 'started_at') }} as counts_until
  from {{ ref('int_journeys') }}
),

tickets as (
  select
    journey_id,
    sum(transfers) as transfers,
    sum(reopens) as reopens,
    sum(escalations) as escalations,
    sum(repeat_contacts) as repeat_contacts,
    sum(channel_switches) as channel_switches,
    sum(wait_minutes) as wait_minutes
  from {{ ref('int_journey_ticket_effort') }}
  group by journey_id
),

tickets_known as (
  select
    source,
    min(created_at) as since,
    max(case when transfers is not null then 0 end) as transfers,
    max(case when reopens is not null then 0 end) as reopens,
    max(case when escalations is not null then 0 end) as escalations,
    max(case when repeat_contacts is not null then 0 end) as repeat_contacts,
    max(case when channel_switches is not null then 0 end) as channel_switches,
    max(case when wait_minutes is not null then 0 end) as wait_minutes
  from {{ ref('int_journey_tickets') }}
  group by source
),

-- An abandoned interaction on a ticket lies in the ticket's journey, any other in its own.
abandoned as (
  select
    events.journey_id,
    count(*) as abandonments
  from {{ ref('int_interactions') }} as interactions
  inner join {{ ref('int_journey_events') }} as events
    on
      case
        when interactions.ticket_id is null then 'interaction:' || interactions.interaction_id
        else 'ticket:' || interactions.ticket_id
      end = events.event_id
  inner join journeys on events.journey_id = journeys.journey_id and interactions.started_at < journeys.counts_until
  where interactions.is_abandoned
  group by events.journey_id
),

parts as (
  select
    journeys.journey_id,
    journeys.counts_until,
    coalesce(tickets.transfers, tickets_known.transfers) as transfers,
    coalesce(tickets.reopens, tickets_known.reopens) as reopens,
    coalesce(tickets.escalations, tickets_known.escalations) as escalations,
    coalesce(tickets.repeat_contacts, tickets_known.repeat_contacts) as repeat_contacts,
    coalesce(tickets.channel_switches, tickets_known.channel_switches) as channel_switches,
    coalesce(tickets.wait_minutes, tickets_known.wait_minutes) as wait_minutes,
    case when coverage.abandonments_since is not null then coalesce(abandoned.abandonments, 0) end as abandonments,
    -- A journey that was over before the first ticket of its source, or began after the last day it tells of, had its
    -- contacts elsewhere.
    coalesce(tickets_known.since <= coalesce(journeys.closes_at, tickets_known.since), false)
    and coalesce(journeys.started_at < coverage.tickets_until, true) as are_tickets_known,
    {{ told_until(['tickets', 'ticket_events', 'interactions']) }} as known_until
  from journeys
  left join tickets on journeys.journey_id = tickets.journey_id
  left join tickets_known on journeys.source = tickets_known.source
  left join abandoned on journeys.journey_id = abandoned.journey_id
  left join {{ ref('int_source_coverage') }} as coverage on journeys.source = coverage.source
  cross join {{ ref('build_as_of') }} as build
),

final as (
  select
    parts.journey_id,
    parts.are_tickets_known,
    cast(parts.transfers as bigint) as transfers,
    cast(parts.reopens as bigint) as reopens,
    cast(parts.escalations as bigint) as escalations,
    cast(parts.repeat_contacts as bigint) as repeat_contacts,
    cast(parts.channel_switches as bigint) as ticket_channel_switches,
    cast(parts.wait_minutes as {{ type_double() }}) as wait_minutes,
    cast(parts.abandonments as bigint) as abandonments,
    -- Before the days are over, only what was hard at once is known.
    case
      when parts.are_tickets_known and parts.counts_until <= parts.known_until
        then {{ effort_index(
          [
            'transfers', 'reopens', 'escalations', 'repeat_contacts', 'channel_switches', 'wait_minutes', 'abandonments'
          ], amounts='parts'
        ) }}
    end as effort_index
  from parts
  cross join {{ ref('int_effort_weights') }} as weights
)

select * from final
