with events as (
  select * from {{ ref('int_touchpoint_events') }}
),

-- A source without touchpoint events still has contacts: handled interactions, and tickets without any, so that no
-- contact counts twice.
contacts as (
  select
    'interaction:' || interactions.interaction_id as touchpoint_event_id,
    case
      when interactions.ticket_id is null then 'interaction:' || interactions.interaction_id
      else 'ticket:' || interactions.ticket_id
    end as event_id,
    coalesce(interactions.customer_id, tickets.customer_id) as customer_id,
    interactions.source,
    interactions.started_at as occurred_at,
    interactions.channel
  from {{ ref('int_interactions') }} as interactions
  left join {{ ref('int_tickets') }} as tickets on interactions.ticket_id = tickets.ticket_id
  union all
  select
    'ticket:' || tickets.ticket_id as touchpoint_event_id,
    'ticket:' || tickets.ticket_id as event_id,
    tickets.customer_id,
    tickets.source,
    tickets.created_at as occurred_at,
    tickets.channel
  from {{ ref('int_tickets') }} as tickets
  left join {{ ref('int_interactions') }} as interactions on tickets.ticket_id = interactions.ticket_id
  where interactions.ticket_id is null
),

met as (
  select
    events.touchpoint_event_id,
    'touchpoint_event:' || events.touchpoint_event_id as event_id,
    events.customer_id,
    events.source,
    events.occurred_at,
    events.touchpoint,
    touchpoints.journey_stage as stage,
    events.channel,
    events.is_proactive,
    events.experiment,
    events.variant,
    false as is_stand_in
  from events
  left join {{ ref('touchpoints') }} as touchpoints on events.touchpoint = touchpoints.touchpoint
  union all
  select
    contacts.touchpoint_event_id,
    contacts.event_id,
    contacts.customer_id,
    contacts.source,
    contacts.occurred_at,
    cast(null as {{ dbt.type_string() }}) as touchpoint,
    'service' as stage,
    contacts.channel,
    cast(null as {{ dbt.type_boolean() }}) as is_proactive,
    cast(null as {{ dbt.type_string() }}) as experiment,
    cast(null as {{ dbt.type_string() }}) as variant,
    true as is_stand_in
  from contacts
  left join {{ ref('int_source_coverage') }} as coverage on contacts.source = coverage.source
  where coverage.touchpoint_events_since is null
),

with_journeys as (
  select
    met.*,
    journey_events.journey_id,
    -- Only what has a journey, a stage and a channel can be part of a need; the rest neither follows nor breaks one.
    case
      when journey_events.journey_id is not null and met.stage is not null and met.channel is not null then 1
      else 0
    end as is_comparable
  from met
  left join {{ ref('int_journey_events') }} as journey_events on met.event_id = journey_events.event_id
),

-- Contacts are the touchpoints of service alone: beside a source that tells of all of them, they would make a rate of two
-- different things.
told as (
  select count(touchpoint_events_since) as sources_with_events
  from {{ ref('int_source_coverage') }}
),

-- Where no second channel was ever seen, nobody knows whether customers changed it.
channels as (
  select
    source,
    count(distinct channel) as channels
  from met
  group by source
),

with_before as (
  select
    *,
    lag(channel) over (
      partition by journey_id, stage, is_comparable order by occurred_at, touchpoint_event_id
    ) as channel_before,
    lag(occurred_at) over (
      partition by journey_id, stage, is_comparable order by occurred_at, touchpoint_event_id
    ) as before_at
  from with_journeys
),

final as (
  select
    events.touchpoint_event_id,
    events.customer_id,
    events.journey_id,
    events.source,
    events.occurred_at,
    {{ reporting_date('events.occurred_at') }} as occurred_on,
    events.touchpoint,
    events.stage,
    events.channel,
    events.is_proactive,
    case
      when
        channels.channels > 1
        and (not events.is_stand_in or told.sources_with_events = 0)
        and events.is_comparable = 1
        and events.occurred_at <= {{ dbt.dateadd('day', var('need_gap_days'), 'events.before_at') }}
        then events.channel != events.channel_before
    end as is_channel_switch,
    events.experiment,
    events.variant
  from with_before as events
  left join channels on events.source = channels.source
  cross join told
)

select * from final
