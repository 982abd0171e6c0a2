-- Who never bought did not leave: a visitor who was silent for long is no customer lost.
with churned as (
  select
    journeys.*,
    {{ dbt.dateadd('day', -var('satisfied_days'), 'journeys.ended_at') }} as satisfied_from
  from {{ ref('fct_journeys') }} as journeys
  where journeys.ended_at is not null and journeys.purchased_at is not null
),

-- Where it ended: an advocate who leaves was not lost as an advocate.
dropped as (
  select
    journey_id,
    stage,
    stage_position
  from {{ ref('fct_journey_stages') }}
  where status = 'dropped' and stage not in ('service', 'advocacy')
),

answers as (
  select
    churned.journey_id,
    responses.is_satisfied,
    responses.scale_share,
    responses.responded_at,
    tickets.ticket_id,
    tickets.cause_stage,
    row_number() over (
      partition by churned.journey_id order by responses.responded_at desc, responses.response_id desc
    ) as answers_from_last
  from churned
  inner join {{ ref('int_survey_answers') }} as responses
    on
      churned.customer_id = responses.customer_id
      and churned.satisfied_from <= responses.responded_at
      and churned.ended_at > responses.responded_at
  left join {{ ref('int_ticket_causes') }} as tickets on responses.ticket_id = tickets.ticket_id
  where responses.scope = 'service_touchpoint' and responses.is_satisfied is not null
),

final as (
  select
    churned.journey_id,
    churned.customer_id,
    churned.source,
    coalesce(customers.segment, 'unknown') as segment,
    churned.outcome,
    dropped.stage,
    dropped.stage_position,
    stages.accountable_group,
    churned.purchased_at,
    churned.ended_at,
    churned.is_silent,
    answers.is_satisfied,
    answers.scale_share as service_score,
    answers.responded_at as answered_at,
    answers.ticket_id as answered_ticket_id,
    answers.cause_stage as answered_cause_stage,
    churned.contacts,
    churned.revenue
  from churned
  left join answers on churned.journey_id = answers.journey_id and answers.answers_from_last = 1
  left join {{ ref('int_customers') }} as customers on churned.customer_id = customers.customer_id
  left join dropped on churned.journey_id = dropped.journey_id
  left join {{ ref('journey_stages') }} as stages on dropped.stage = stages.journey_stage
)

select * from final
