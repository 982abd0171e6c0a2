with final as (
  select
    ticket_id,
    customer_id,
    source,
    created_at,
    contact_reason,
    team,
    cause_stage,
    accountable_group,
    is_avoidable
  from {{ ref('int_ticket_causes') }}
  where is_contact
)

select * from final
