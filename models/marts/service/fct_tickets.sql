with with_lifecycle as (
  select
    tickets.*,
    causes.cause_stage,
    causes.accountable_group,
    causes.is_avoidable,
    causes.next_same_contact_at,
    lifecycle.status as last_status,
    lifecycle.first_assigned_at,
    lifecycle.first_reply_at,
    lifecycle.first_solved_at,
    lifecycle.last_solved_at,
    lifecycle.solved_in_window_at,
    lifecycle.resolution_window_ends_at,
    lifecycle.merged_at,
    lifecycle.public_replies,
    lifecycle.customer_replies,
    lifecycle.reopens,
    lifecycle.inferred_reopens,
    lifecycle.reassignments,
    lifecycle.transfers,
    lifecycle.escalations,
    lifecycle.is_merged,
    lifecycle.has_events,
    lifecycle.has_states,
    {{ dbt.dateadd('day', var('repeat_contact_days'), 'lifecycle.first_solved_at') }} as repeat_window_ends_at
  from {{ ref('int_tickets') }} as tickets
  inner join {{ ref('int_ticket_causes') }} as causes on tickets.ticket_id = causes.ticket_id
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on tickets.ticket_id = lifecycle.ticket_id
),

final as (
  select
    tickets.ticket_id,
    tickets.customer_id,
    {{ published_agent_id('tickets.agent_id') }} as agent_id,
    tickets.team,
    tickets.channel,
    tickets.contact_reason,
    tickets.cause_stage,
    tickets.accountable_group,
    tickets.priority,
    tickets.last_status as status,
    tickets.source,
    tickets.created_at,
    tickets.first_assigned_at,
    tickets.first_reply_at,
    tickets.first_solved_at,
    tickets.last_solved_at,
    clocks.first_reply_business_minutes,
    clocks.first_reply_calendar_minutes,
    clocks.first_resolution_business_minutes,
    clocks.first_resolution_calendar_minutes,
    clocks.resolution_business_minutes,
    clocks.resolution_calendar_minutes,
    clocks.requester_wait_business_minutes,
    clocks.response_business_minutes,
    clocks.answered_messages,
    tickets.public_replies,
    tickets.customer_replies,
    tickets.reopens,
    tickets.inferred_reopens,
    tickets.reassignments,
    tickets.transfers,
    tickets.escalations,
    tickets.is_proactive,
    tickets.last_solved_at is not null as is_solved,
    case when tickets.has_events then tickets.reopens > 0 end as is_reopened,
    case when tickets.has_events then tickets.transfers > 0 end as is_transferred,
    -- A source that never tells of escalations, or of replies, does not say that there were none.
    case when tickets.has_events and coverage.escalations_since is not null then tickets.escalations > 0 end as is_escalated,
    case
      when coverage.replies_since is not null and tickets.first_solved_at is not null then tickets.public_replies = 1
    end as is_one_touch,
    tickets.is_merged,
    tickets.sla_met as is_sla_met,
    -- Without a customer and a reason nobody can say whether they came back for the same thing; a ticket that was
    -- merged into another was answered there. A later merge changes nothing any more.
    tickets.customer_id is not null
    and tickets.contact_reason is not null
    and coalesce(tickets.merged_at > tickets.repeat_window_ends_at, true)
    and coalesce(tickets.repeat_window_ends_at <= build.as_of, false) as is_contact_mature,
    tickets.first_solved_at is not null
    and coalesce(tickets.next_same_contact_at > tickets.repeat_window_ends_at, true) as is_first_contact_resolved,
    -- What happens to a ticket after its window, be it a merge, changes nothing any more.
    case
      when tickets.has_states and coverage.solutions_since is not null
        then
          tickets.resolution_window_ends_at <= build.as_of
          and coalesce(tickets.merged_at > tickets.resolution_window_ends_at, true)
    end as is_resolution_mature,
    tickets.solved_in_window_at is not null as is_resolved_in_window,
    tickets.is_avoidable,
    contacts.cost,
    efforts.effort,
    efforts.effort_difference
  from with_lifecycle as tickets
  left join {{ ref('int_ticket_clocks') }} as clocks on tickets.ticket_id = clocks.ticket_id
  left join {{ ref('int_source_coverage') }} as coverage on tickets.source = coverage.source
  left join {{ ref('int_ticket_contacts') }} as contacts on tickets.ticket_id = contacts.ticket_id
  left join {{ ref('int_ticket_effort') }} as efforts on tickets.ticket_id = efforts.ticket_id
  cross join {{ ref('build_as_of') }} as build
)

select * from final
