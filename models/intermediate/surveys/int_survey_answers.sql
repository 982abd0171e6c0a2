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
    coalesce(responses.touchpoint, invitations.touchpoint) as touchpoint,
    {{ dbt.dateadd('day', var('survey_answer_days'), 'invitations.sent_at') }} as answer_counts_until
  from {{ ref('int_survey_responses') }} as responses
  left join {{ ref('int_survey_invitations') }} as invitations
    on responses.invitation_id = invitations.invitation_id
),

with_shares as (
  select
    *,
    -- 1.0 is the best answer, 0.0 the worst; an answer outside its declared scale, or without one, says nothing. Effort
    -- is asked as "how easy" and as "how hard": without is_reversed it says nothing either. NPS and CSAT are asked one way.
    case
      when survey_type = 'ces' and is_reversed is null then null
      when scale_max > scale_min and score between scale_min and scale_max
        then
          case
            when coalesce(is_reversed, false) then (scale_max - score) / (scale_max - scale_min)
            else (score - scale_min) / (scale_max - scale_min)
          end
    end as scale_share
  from answers
),

with_scores as (
  select
    *,
    case when scale_share is not null then scale_min + scale_share * (scale_max - scale_min) end as effective_score
  from with_shares
),

-- Who answers the question of an invitation again means the last answer, of those that came in its days if any did. What
-- says nothing takes no other answer's place.
with_places as (
  select
    *,
    min(case when scale_share is not null then responded_at end) over (
      partition by invitation_id, survey_type, touchpoint, ticket_id
    ) as first_responded_at,
    row_number() over (
      partition by invitation_id, survey_type, touchpoint, ticket_id
      order by
        case when scale_share is null then 1 else 0 end,
        case when responded_at <= answer_counts_until then 0 else 1 end,
        responded_at desc,
        response_id desc
    ) as place
  from with_scores
),

with_touchpoints as (
  select
    scores.*,
    tickets.agent_id,
    touchpoints.journey_stage as stage,
    {{ survey_scope('touchpoints.scope', 'scores.ticket_id', 'scores.touchpoint') }} as scope,
    -- No scale is stretched to another: the question from 0 to 10 has its groups, and the one from 1 to 10 has its own.
    case
      when scores.survey_type = 'nps' and scores.scale_min = 0 and scores.scale_max = 10 then scores.effective_score
    end as nps_score,
    case
      when scores.survey_type = 'nps' and scores.scale_min = 1 and scores.scale_max = 10 then scores.effective_score
    end as nps_score_from_one,
    case when scores.survey_type = 'csat' then scores.scale_share end as csat_share,
    case when scores.survey_type = 'ces' then scores.scale_share end as ces_share
  from with_places as scores
  left join {{ ref('touchpoints') }} as touchpoints on scores.touchpoint = touchpoints.touchpoint
  left join {{ ref('int_tickets') }} as tickets on scores.ticket_id = tickets.ticket_id
  where scores.invitation_id is null or scores.place = 1
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
    first_responded_at,
    score,
    scale_min,
    scale_max,
    is_reversed,
    effective_score,
    scale_share,
    csat_share,
    {{ nps_group('nps_score') }} as nps_group,
    {{ nps_group('nps_score_from_one') }} as nps_group_from_one,
    -- The top two fifths of the scale: 4 and 5 of 1-5, the good one of two; and the lower two: 1 and 2, the bad one.
    csat_share > 0.6 as is_satisfied,
    csat_share < 0.4 as is_dissatisfied,
    case
      when nps_score is not null then nps_score < 7
      when csat_share is not null or ces_share is not null then scale_share < 0.4
    end as is_low,
    -- 5 to 7 on the 1-7 scale, where the answer 4 lies in the middle; other scales by their place on it.
    1 + 6 * ces_share >= 5 as is_easy
  from with_touchpoints
)

select * from final
