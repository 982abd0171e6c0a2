with tickets as (
  select
    *,
    -- A ticket the company opened is no contact of the customer.
    not coalesce(is_proactive, false) as is_contact
  from {{ ref('int_tickets') }}
),

final as (
  select
    tickets.ticket_id,
    tickets.customer_id,
    tickets.source,
    tickets.created_at,
    tickets.contact_reason,
    tickets.team,
    reasons.cause_stage,
    reasons.accountable_group,
    reasons.is_avoidable,
    tickets.is_contact,
    -- Whatever became of this ticket.
    min(case when tickets.is_contact then tickets.created_at end) over (
      partition by tickets.customer_id, tickets.contact_reason
      order by tickets.created_at, tickets.ticket_id
      rows between 1 following and unbounded following
    ) as next_same_contact_at
  from tickets
  left join {{ ref('contact_reasons') }} as reasons on tickets.contact_reason = reasons.contact_reason
)

select * from final
