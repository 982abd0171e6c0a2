with journeys as (
  select * from {{ ref('int_journeys') }}
),

recommendations as (
  select
    journey_id,
    entered_at as recommended_at
  from {{ ref('int_journey_stages') }}
  where stage = 'advocacy' and (closes_at is null or entered_at <= closes_at)
),

completions as (
  select
    journeys.journey_id,
    journeys.source,
    case
      when journeys.first_renewed_at is null or recommendations.recommended_at < journeys.first_renewed_at
        then recommendations.recommended_at
      else journeys.first_renewed_at
    end as completed_at
  from journeys
  left join recommendations on journeys.journey_id = recommendations.journey_id
),

-- A source that never shows a renewal or a recommendation cannot show that one failed to come.
completion_known as (
  {{ known_since('completions', 'completed_at') }}
),

-- A first value that no customer of a source ever has is a touchpoint it does not record.
events_known as (
  select
    events.source,
    min(events.occurred_at) as since
  from {{ ref('int_touchpoint_events') }} as events
  left join {{ ref('touchpoints') }} as touchpoints on events.touchpoint = touchpoints.touchpoint
  group by events.source
  having max(case when touchpoints.is_first_value then 1 else 0 end) = 1
),

tickets_known as (
  {{ known_since(ref('int_tickets'), 'created_at') }}
),

with_steps as (
  select
    journeys.journey_id,
    journeys.ended_at,
    completions.completed_at,
    case
      when completion_known.since <= coalesce(completions.completed_at, journeys.ended_at)
        then coalesce(completions.completed_at, journeys.ended_at)
    end as decided_at,
    -- Who comes back was onboarded before, and what lies before the first touchpoint event is unknown.
    case when journeys.is_first_purchase and events_known.since <= journeys.purchased_at then journeys.purchased_at end
      as onboarded_from,
    -- Value that came before the purchase, in a trial, took no time after it.
    case
      when journeys.first_value_touchpoint_at < journeys.purchased_at then journeys.purchased_at
      else journeys.first_value_touchpoint_at
    end as first_value_at,
    {{ dbt.dateadd('day', var('onboarding_days'), 'journeys.purchased_at') }} as onboarded_until,
    {{ dbt.dateadd('day', -var('silent_days'), 'journeys.ended_at') }} as silent_from,
    tickets_known.since as tickets_since,
    contacts.last_contact_at
  from journeys
  inner join completions on journeys.journey_id = completions.journey_id
  inner join {{ ref('int_journey_contacts') }} as contacts on journeys.journey_id = contacts.journey_id
  left join completion_known on journeys.source = completion_known.source
  left join events_known on journeys.source = events_known.source
  left join tickets_known on journeys.source = tickets_known.source
),

final as (
  select
    steps.journey_id,
    steps.decided_at,
    case when steps.decided_at is not null then steps.completed_at is not null end as is_completed,
    case when steps.onboarded_from is not null then steps.first_value_at end as first_value_at,
    case
      when steps.onboarded_from is not null and steps.onboarded_until <= build.as_of
        then coalesce(steps.first_value_at <= steps.onboarded_until, false)
    end as is_onboarded_in_time,
    {{ dbt.datediff('steps.onboarded_from', 'steps.first_value_at', 'second') }}
    / cast(86400 as {{ type_double() }}) as days_to_first_value,
    case
      when steps.tickets_since <= steps.silent_from then coalesce(steps.last_contact_at < steps.silent_from, true)
    end as is_silent
  from with_steps as steps
  cross join {{ ref('build_as_of') }} as build
)

select * from final
