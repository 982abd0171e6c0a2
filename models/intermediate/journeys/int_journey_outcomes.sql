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
completions_shown as (
  select
    source,
    min(completed_at) as since
  from completions
  group by source
),

-- A first value that no customer of a source ever has is a touchpoint it does not record.
coverage as (
  select
    source,
    customer_tickets_since,
    tickets_until,
    case when first_values_since is not null then touchpoint_events_since end as onboarding_since,
    touchpoint_events_until,
    subscriptions_until,
    referrals_until
  from {{ ref('int_source_coverage') }}
),

with_steps as (
  select
    journeys.journey_id,
    journeys.ended_at,
    completions.completed_at,
    completions_shown.since as completions_since,
    {{ dbt.dateadd('day', var('journey_completion_days'), 'journeys.started_at') }} as completable_until,
    case
      when completions_shown.since <= coalesce(completions.completed_at, journeys.ended_at)
        then coalesce(completions.completed_at, journeys.ended_at)
    end as decided_at,
    -- Who comes back was onboarded before, and what lies before the first touchpoint event is unknown.
    case when journeys.is_first_purchase and coverage.onboarding_since <= journeys.purchased_at then journeys.purchased_at end
      as onboarded_from,
    -- Value that came before the purchase, in a trial, took no time after it.
    case
      when journeys.first_value_touchpoint_at < journeys.purchased_at then journeys.purchased_at
      else journeys.first_value_touchpoint_at
    end as first_value_at,
    {{ dbt.dateadd('day', var('onboarding_days'), 'journeys.purchased_at') }} as onboarded_until,
    {{ dbt.dateadd('day', -var('silent_days'), 'journeys.ended_at') }} as silent_from,
    coverage.customer_tickets_since,
    coverage.tickets_until,
    {{ told_until(['touchpoint_events']) }} as onboarding_until,
    {{ told_until(['touchpoint_events', 'subscriptions', 'referrals']) }} as completions_until,
    contacts.last_asked_at
  from journeys
  inner join completions on journeys.journey_id = completions.journey_id
  inner join {{ ref('int_journey_contacts') }} as contacts on journeys.journey_id = contacts.journey_id
  left join completions_shown on journeys.source = completions_shown.source
  left join coverage on journeys.source = coverage.source
  cross join {{ ref('build_as_of') }} as build
),

final as (
  select
    steps.journey_id,
    steps.decided_at,
    case when steps.decided_at is not null then steps.completed_at is not null end as is_completed,
    case
      when steps.completions_since <= steps.completable_until and steps.completable_until <= steps.completions_until
        then coalesce(steps.completed_at <= steps.completable_until, false)
    end as is_completed_in_time,
    case when steps.onboarded_from is not null then steps.first_value_at end as first_value_at,
    case
      when steps.onboarded_from is not null and steps.onboarded_until <= steps.onboarding_until
        then coalesce(steps.first_value_at <= steps.onboarded_until, false)
    end as is_onboarded_in_time,
    {{ dbt.datediff('steps.onboarded_from', 'steps.first_value_at', 'second') }}
    / cast(86400 as {{ type_double() }}) as days_to_first_value,
    -- Who has none yet has waited until now, or until the journey or what is told of it ended.
    {{ dbt.datediff(
      'steps.onboarded_from', 'coalesce(steps.first_value_at, steps.ended_at, steps.onboarding_until)', 'second'
    ) }} / cast(86400 as {{ type_double() }}) as first_value_wait_days,
    case
      when steps.customer_tickets_since <= steps.silent_from and coalesce(steps.ended_at <= steps.tickets_until, true)
        then coalesce(steps.last_asked_at < steps.silent_from, true)
    end as is_silent
  from with_steps as steps
)

select * from final
