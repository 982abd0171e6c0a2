with merged as (
  select
    ticket_id,
    min(occurred_at) as merged_at
  from {{ ref('int_ticket_events') }}
  where event_type = 'merged'
  group by ticket_id
),

tickets as (
  select
    tickets.*,
    merged.merged_at,
    not coalesce(tickets.is_proactive, false) as is_opened_by_customer,
    -- A ticket the company opened is no contact of the customer, and from its merge on a ticket is part of its target.
    not coalesce(tickets.is_proactive, false) and merged.merged_at is null as is_contact
  from {{ ref('int_tickets') }} as tickets
  left join merged on tickets.ticket_id = merged.ticket_id
),

final as (
  select
    tickets.ticket_id,
    tickets.customer_id,
    tickets.source,
    tickets.created_at,
    tickets.merged_at,
    tickets.contact_reason,
    tickets.team,
    reasons.cause_stage,
    reasons.accountable_group,
    reasons.is_avoidable,
    tickets.is_opened_by_customer,
    tickets.is_contact,
    -- Whatever became of this ticket.
    min(case when tickets.is_contact then tickets.created_at end) over (
      partition by tickets.customer_id, tickets.contact_reason
      order by tickets.created_at, tickets.ticket_id
      rows between 1 following and unbounded following
    ) as next_same_contact_at,
    -- The reason says that an earlier ticket was not resolved, and not which.
    min(case when tickets.is_contact and reasons.is_unresolved_before then tickets.created_at end) over (
      partition by tickets.customer_id
      order by tickets.created_at, tickets.ticket_id
      rows between 1 following and unbounded following
    ) as next_unresolved_contact_at
  from tickets
  left join {{ ref('contact_reasons') }} as reasons on tickets.contact_reason = reasons.contact_reason
)

select * from final
