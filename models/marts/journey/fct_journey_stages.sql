with stages as (
  select * from {{ ref('int_journey_stages') }}
),

first_entries as (
  select
    source,
    stage_position,
    min(case when stage != 'service' then entered_at end) as first_entered_at
  from stages
  group by source, stage_position
),

next_shown as (
  select
    source,
    stage_position,
    min(case when first_entered_at is not null then stage_position end) over (
      partition by source order by stage_position rows between 1 following and unbounded following
    ) as next_position
  from first_entries
),

-- The next stage that a source shows at all, since its first entry: before it nobody is seen to go on.
later_known as (
  select
    next_shown.source,
    next_shown.stage_position,
    first_entries.first_entered_at as since
  from next_shown
  inner join first_entries
    on next_shown.source = first_entries.source and next_shown.next_position = first_entries.stage_position
),

contacts as (
  select
    journey_id,
    cause_stage,
    count(*) as contacts,
    sum(case when is_avoidable then 1 else 0 end) as avoidable_contacts
  from {{ ref('int_journey_tickets') }}
  where is_contact
  group by journey_id, cause_stage
),

touched as (
  select
    journey_id,
    stage,
    count(*) as touchpoints
  from {{ ref('fct_touchpoint_events') }}
  group by journey_id, stage
),

answers as (
  select
    events.journey_id,
    responses.stage,
    count(responses.csat_share) as csat_answers,
    avg(responses.csat_share) as satisfaction
  from {{ ref('int_journey_events') }} as events
  inner join {{ ref('int_survey_answers') }} as responses
    on events.subject_id = responses.response_id and events.event_kind = 'survey_answer'
  group by events.journey_id, responses.stage
),

with_windows as (
  select
    *,
    {{ dbt.dateadd('day', var('stage_window_days'), 'entered_at') }} as window_ends_at
  from stages
),

final as (
  select
    stages.journey_stage_id,
    stages.journey_id,
    stages.customer_id,
    stages.source,
    stages.stage,
    stages.stage_position,
    stages.status,
    stages.entered_at,
    {{ reporting_date('stages.entered_at') }} as entered_on,
    stages.next_entered_at,
    stages.completed_at,
    stages.dropped_at,
    -- Service is off the main line, and nothing comes after advocacy.
    case
      when
        stages.stage not in ('service', 'advocacy')
        and not stages.is_looking_back
        and stages.window_ends_at <= {{ told_until(['touchpoint_events', 'orders', 'subscriptions', 'referrals']) }}
        and later_known.since <= stages.entered_at
        then coalesce(stages.next_entered_at <= stages.window_ends_at, false)
    end as is_converted,
    case when journeys.touchpoints is not null then cast(coalesce(touched.touchpoints, 0) as bigint) end
      as touchpoints,
    case when journeys.contacts is not null then cast(coalesce(contacts.contacts, 0) as bigint) end as contacts,
    case when journeys.contacts is not null then cast(coalesce(contacts.avoidable_contacts, 0) as bigint) end
      as avoidable_contacts,
    cast(coalesce(answers.csat_answers, 0) as bigint) as csat_answers,
    answers.satisfaction
  from with_windows as stages
  inner join {{ ref('fct_journeys') }} as journeys on stages.journey_id = journeys.journey_id
  left join later_known on stages.source = later_known.source and stages.stage_position = later_known.stage_position
  left join contacts on stages.journey_id = contacts.journey_id and stages.stage = contacts.cause_stage
  left join touched on stages.journey_id = touched.journey_id and stages.stage = touched.stage
  left join answers on stages.journey_id = answers.journey_id and stages.stage = answers.stage
  left join {{ ref('int_source_coverage') }} as coverage on stages.source = coverage.source
  cross join {{ ref('build_as_of') }} as build
)

select * from final
