with answers as (
  select
    responses.response_id,
    responses.invitation_id,
    responses.customer_id,
    responses.source,
    responses.survey_type,
    responses.responded_at,
    responses.score,
    responses.scale_min,
    responses.scale_max,
    responses.is_reversed,
    -- An answer that does not say what it is about is about what its invitation was about.
    coalesce(responses.ticket_id, invitations.ticket_id) as ticket_id,
    coalesce(responses.touchpoint, invitations.touchpoint) as touchpoint
  from {{ ref('int_survey_responses') }} as responses
  left join {{ ref('int_survey_invitations') }} as invitations
    on responses.invitation_id = invitations.invitation_id
),

responses as (
  select
    *,
    -- 1.0 is the best answer, 0.0 the worst; an answer outside its declared scale, or without one, says nothing.
    case
      when scale_max > scale_min and score between scale_min and scale_max
        then
          case
            when coalesce(is_reversed, false) then (scale_max - score) / (scale_max - scale_min)
            else (score - scale_min) / (scale_max - scale_min)
          end
    end as scale_share
  from answers
),

with_touchpoints as (
  select
    responses.*,
    tickets.agent_id,
    touchpoints.journey_stage as stage,
    {{ survey_scope('touchpoints.scope', 'responses.ticket_id', 'responses.touchpoint') }} as scope,
    case
      when responses.scale_share is not null
        then responses.scale_min + responses.scale_share * (responses.scale_max - responses.scale_min)
    end as effective_score
  from responses
  left join {{ ref('touchpoints') }} as touchpoints on responses.touchpoint = touchpoints.touchpoint
  left join {{ ref('int_tickets') }} as tickets on responses.ticket_id = tickets.ticket_id
),

final as (
  select
    response_id,
    invitation_id,
    customer_id,
    ticket_id,
    agent_id,
    source,
    survey_type,
    touchpoint,
    stage,
    scope,
    responded_at,
    score,
    scale_min,
    scale_max,
    is_reversed,
    effective_score,
    scale_share,
    -- Only the 0-10 question makes promoters; no other scale is stretched to it.
    case when survey_type = 'nps' and scale_min = 0 and scale_max = 10 then effective_score >= 9 end as is_promoter,
    case
      when survey_type = 'nps' and scale_min = 0 and scale_max = 10 then effective_score >= 7 and effective_score < 9
    end as is_passive,
    case when survey_type = 'nps' and scale_min = 0 and scale_max = 10 then effective_score < 7 end as is_detractor,
    -- The top two fifths of the scale: 4 and 5 of 1-5, the good one of two.
    case when survey_type = 'csat' then scale_share > 0.6 end as is_satisfied,
    -- 5 to 7 on the 1-7 scale, where the answer 4 lies in the middle; other scales by their place on it.
    case when survey_type = 'ces' then 1 + 6 * scale_share >= 5 end as is_easy
  from with_touchpoints
)

select * from final
