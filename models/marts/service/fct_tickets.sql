{%- set days_after = [
  ('reopen', 'reopened', 'reopenings_since'),
  ('transfer', 'transferred', 'transfers_since'),
  ('escalation', 'escalated', 'escalations_since'),
] -%}
with with_lifecycle as (
  select
    tickets.*,
    causes.cause_stage,
    causes.accountable_group,
    causes.is_avoidable,
    lifecycle.status as last_status,
    lifecycle.first_assigned_at,
    lifecycle.first_reply_at,
    lifecycle.first_touched_at,
    lifecycle.second_touched_at,
    lifecycle.first_reopened_at,
    lifecycle.first_transferred_at,
    lifecycle.first_escalated_at,
    lifecycle.solved_in_window_at,
    lifecycle.resolution_window_ends_at,
    causes.merged_at,
    -- From its merge on a ticket is part of its target: of its own it has neither a solution nor a story.
    case when causes.merged_at is null then lifecycle.first_solved_at end as first_solved_at,
    case when causes.merged_at is null then lifecycle.last_solved_at end as last_solved_at,
    causes.merged_at is null and lifecycle.has_events as has_events,
    causes.merged_at is null and lifecycle.has_states as has_states,
    lifecycle.public_replies,
    lifecycle.customer_replies,
    lifecycle.reopens,
    lifecycle.inferred_reopens,
    lifecycle.reassignments,
    lifecycle.transfers,
    lifecycle.escalations,
    {{ dbt.dateadd('hour', var('prompt_resolution_hours'), 'tickets.created_at') }} as prompt_window_ends_at,
    {{ dbt.dateadd('day', var('reopen_days'), 'lifecycle.first_solved_at') }} as reopen_window_ends_at,
    {{ dbt.dateadd('day', var('one_touch_days'), 'lifecycle.first_solved_at') }} as touch_window_ends_at,
    {{ dbt.dateadd('day', var('transfer_days'), 'tickets.created_at') }} as transfer_window_ends_at,
    {{ dbt.dateadd('day', var('escalation_days'), 'tickets.created_at') }} as escalation_window_ends_at
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
    clocks.schedule,
    tickets.last_status as status,
    tickets.source,
    tickets.created_at,
    {{ reporting_date('tickets.created_at') }} as created_on,
    tickets.first_assigned_at,
    tickets.first_reply_at,
    {{ reporting_date('tickets.first_reply_at') }} as first_reply_on,
    tickets.first_solved_at,
    {{ reporting_date('tickets.first_solved_at') }} as first_solved_on,
    tickets.last_solved_at,
    {{ reporting_date('tickets.last_solved_at') }} as last_solved_on,
    clocks.first_reply_business_minutes,
    clocks.first_reply_calendar_minutes,
    clocks.first_resolution_business_minutes,
    clocks.first_resolution_calendar_minutes,
    clocks.resolution_business_minutes,
    clocks.resolution_calendar_minutes,
    clocks.requester_wait_business_minutes,
    waiting.reply_wait_business_minutes,
    waiting.reply_wait_calendar_minutes,
    waiting.first_resolution_wait_business_minutes,
    waiting.resolution_wait_business_minutes,
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
    -- What happens to a ticket after its days changes nothing any more; until they are over nobody knows. A source that
    -- never tells of reopenings, transfers, escalations or replies, or no longer, does not say that there were none.
    {% for what, done, told_since in days_after %}
      case
        when
          tickets.has_events
          and coverage.{{ told_since }} is not null
          and tickets.{{ what }}_window_ends_at <= {{ told_until(['ticket_events']) }}
          then coalesce(tickets.first_{{ done }}_at <= tickets.{{ what }}_window_ends_at, false)
      end as is_{{ done }},
    {% endfor %}
    case
      when
        tickets.first_solved_at is not null
        and coverage.replies_since is not null
        and tickets.touch_window_ends_at <= {{ told_until(['ticket_events']) }}
        then
          coalesce(tickets.first_touched_at <= tickets.touch_window_ends_at, false)
          and coalesce(tickets.second_touched_at > tickets.touch_window_ends_at, true)
    end as is_one_touch,
    tickets.merged_at is not null as is_merged,
    case when tickets.merged_at is null then tickets.sla_met end as is_sla_met,
    coalesce(first_contacts.is_contact_mature, false) as is_contact_mature,
    coalesce(first_contacts.is_without_repeat, false) as is_without_repeat,
    first_contacts.is_first_contact_resolved,
    case
      when tickets.has_states and coverage.solutions_since is not null
        then tickets.resolution_window_ends_at <= {{ told_until(['ticket_events']) }}
    end as is_resolution_mature,
    tickets.solved_in_window_at is not null as is_resolved_in_window,
    case
      when
        tickets.has_states
        and coverage.solutions_since is not null
        and tickets.prompt_window_ends_at <= {{ told_until(['ticket_events']) }}
        then coalesce(tickets.first_solved_at <= tickets.prompt_window_ends_at, false)
    end as is_promptly_solved,
    tickets.is_avoidable,
    contacts.cost,
    efforts.effort,
    efforts.effort_difference
  from with_lifecycle as tickets
  left join {{ ref('int_ticket_clocks') }} as clocks
    on tickets.ticket_id = clocks.ticket_id and tickets.merged_at is null
  left join {{ ref('int_ticket_waiting') }} as waiting
    on tickets.ticket_id = waiting.ticket_id and tickets.merged_at is null
  left join {{ ref('int_source_coverage') }} as coverage on tickets.source = coverage.source
  left join {{ ref('int_ticket_contacts') }} as contacts
    on tickets.ticket_id = contacts.ticket_id and tickets.merged_at is null
  left join {{ ref('int_ticket_effort') }} as efforts
    on tickets.ticket_id = efforts.ticket_id and tickets.merged_at is null
  left join {{ ref('int_ticket_first_contacts') }} as first_contacts on tickets.ticket_id = first_contacts.ticket_id
  cross join {{ ref('build_as_of') }} as build
)

select * from final
