with final as (
  select
    tickets.ticket_id,
    events.journey_id,
    events.source,
    tickets.created_at,
    tickets.cause_stage,
    coalesce(tickets.is_avoidable, false) as is_avoidable,
    tickets.is_contact,
    tickets.is_opened_by_customer,
    lifecycle.status not in ('solved', 'closed') as is_open,
    lifecycle.last_solved_at,
    effort.transfers,
    effort.reopens,
    effort.escalations,
    effort.repeat_contacts,
    effort.channel_switches,
    effort.wait_minutes
  from {{ ref('int_journey_events') }} as events
  inner join {{ ref('int_ticket_causes') }} as tickets
    on events.subject_id = tickets.ticket_id and events.event_kind = 'ticket'
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on tickets.ticket_id = lifecycle.ticket_id
  inner join {{ ref('int_ticket_effort') }} as effort on tickets.ticket_id = effort.ticket_id
)

select * from final
