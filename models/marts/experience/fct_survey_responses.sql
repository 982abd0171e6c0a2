with final as (
  select
    answers.response_id,
    answers.invitation_id,
    answers.customer_id,
    answers.ticket_id,
    {{ published_agent_id('answers.agent_id') }} as agent_id,
    answers.source,
    answers.survey_type,
    answers.touchpoint,
    answers.stage,
    answers.scope,
    answers.responded_at,
    {{ reporting_date('answers.responded_at') }} as responded_on,
    answers.score,
    answers.scale_min,
    answers.scale_max,
    answers.is_reversed,
    cast(cast(floor(answers.scale_min) as bigint) as {{ dbt.type_string() }})
    || ' to '
    || cast(cast(floor(answers.scale_max) as bigint) as {{ dbt.type_string() }})
    || case when answers.is_reversed then ', reversed' else '' end as scale,
    answers.effective_score,
    answers.scale_share,
    answers.nps_group = 'promoter' as is_promoter,
    answers.nps_group = 'passive' as is_passive,
    answers.nps_group = 'detractor' as is_detractor,
    answers.nps_group_from_one = 'promoter' as is_promoter_from_one,
    answers.nps_group_from_one = 'passive' as is_passive_from_one,
    answers.nps_group_from_one = 'detractor' as is_detractor_from_one,
    answers.is_satisfied,
    answers.is_easy,
    answers.is_low,
    silence.is_silent
  from {{ ref('int_survey_answers') }} as answers
  left join {{ ref('int_survey_answer_silence') }} as silence on answers.response_id = silence.response_id
)

select * from final
