with final as (
  select
    scores.vendor_score_id,
    scores.ticket_id,
    tickets.customer_id,
    {{ published_agent_id('scores.agent_id') }} as agent_id,
    scores.score_name,
    scores.source,
    scores.scored_at,
    {{ reporting_date('scores.scored_at') }} as scored_on,
    scores.score
  from {{ ref('int_vendor_scores') }} as scores
  left join {{ ref('int_tickets') }} as tickets on scores.ticket_id = tickets.ticket_id
)

select * from final
