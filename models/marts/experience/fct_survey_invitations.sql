with build as (
  select * from {{ ref('build_as_of') }}
),

answers as (
  select
    invitation_id,
    min(first_responded_at) as first_answered_at
  from {{ ref('int_survey_answers') }}
  -- Left empty, or outside its scale, is no answer.
  where invitation_id is not null and scale_share is not null
  group by invitation_id
),

invitations as (
  select
    invitations.*,
    answers.first_answered_at,
    {{ dbt.dateadd('day', var('survey_answer_days'), 'invitations.sent_at') }} as answer_counts_until
  from {{ ref('int_survey_invitations') }} as invitations
  left join answers on invitations.invitation_id = answers.invitation_id
),

-- Of a survey whose answers name no invitation, or did not yet, nobody knows who answered.
answers_known as (
  select
    source,
    survey_type,
    min(sent_at) as since
  from invitations
  where first_answered_at is not null
  group by source, survey_type
),

final as (
  select
    invitations.invitation_id,
    invitations.customer_id,
    invitations.ticket_id,
    {{ published_agent_id('tickets.agent_id') }} as agent_id,
    invitations.source,
    invitations.survey_type,
    invitations.touchpoint,
    touchpoints.journey_stage as stage,
    {{ survey_scope('touchpoints.scope', 'invitations.ticket_id', 'invitations.touchpoint') }} as scope,
    invitations.sent_at,
    {{ reporting_date('invitations.sent_at') }} as sent_on,
    invitations.first_answered_at,
    -- Later answers do not count, so that the rate of a month stays what it was.
    case
      when invitations.sent_at >= answers_known.since and invitations.answer_counts_until <= {{ told_until(['survey_responses']) }}
        then coalesce(invitations.first_answered_at <= invitations.answer_counts_until, false)
    end as is_answered
  from invitations
  left join answers_known
    on invitations.source = answers_known.source and invitations.survey_type = answers_known.survey_type
  left join {{ ref('int_source_coverage') }} as coverage on invitations.source = coverage.source
  left join {{ ref('touchpoints') }} as touchpoints on invitations.touchpoint = touchpoints.touchpoint
  left join {{ ref('int_tickets') }} as tickets on invitations.ticket_id = tickets.ticket_id
  cross join build
)

select * from final
