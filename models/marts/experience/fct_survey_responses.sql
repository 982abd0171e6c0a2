with final as (
  select
    response_id,
    invitation_id,
    customer_id,
    ticket_id,
    {{ published_agent_id('agent_id') }} as agent_id,
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
    nps_group = 'promoter' as is_promoter,
    nps_group = 'passive' as is_passive,
    nps_group = 'detractor' as is_detractor,
    is_satisfied,
    is_easy
  from {{ ref('int_survey_answers') }}
)

select * from final
