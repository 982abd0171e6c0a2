-- What became of a ticket in the days after its first solution: only there can be told whether its first contact was the
-- last one.
with tickets as (
  select
    causes.ticket_id,
    causes.customer_id,
    causes.source,
    causes.contact_reason,
    causes.next_same_contact_at,
    causes.next_unresolved_contact_at,
    lifecycle.first_solved_at,
    lifecycle.first_reopened_at,
    lifecycle.further_message_at,
    contacts.further_interaction_at,
    {{ dbt.dateadd('day', var('repeat_contact_days'), 'lifecycle.first_solved_at') }} as window_ends_at
  from {{ ref('int_ticket_causes') }} as causes
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on causes.ticket_id = lifecycle.ticket_id
  left join {{ ref('int_ticket_contacts') }} as contacts on causes.ticket_id = contacts.ticket_id
  -- Without a customer and a reason nobody can say whether they came back for the same thing; a ticket that was merged
  -- into another was answered there.
  where
    lifecycle.first_solved_at is not null
    and causes.customer_id is not null
    and causes.contact_reason is not null
    and causes.merged_at is null
),

-- A ticket that was merged is no ticket of its own, but its customer asked once more.
merged as (
  select
    tickets.ticket_id,
    min(others.created_at) as merged_contact_at
  from tickets
  inner join {{ ref('int_ticket_causes') }} as others
    on tickets.customer_id = others.customer_id and tickets.contact_reason = others.contact_reason
  where
    others.merged_at is not null
    and others.is_opened_by_customer
    and others.created_at > tickets.first_solved_at
  group by tickets.ticket_id
),

final as (
  select
    tickets.ticket_id,
    tickets.window_ends_at <= {{ told_until(['tickets', 'ticket_events', 'interactions']) }} as is_contact_mature,
    coalesce(tickets.next_same_contact_at > tickets.window_ends_at, true) as is_without_repeat,
    -- A source that never tells of a message, a contact or a reopening cannot say that one was enough.
    case
      when
        coalesce(coverage.customer_messages_since, coverage.interactions_since, coverage.reopenings_since) is not null
        then
          coalesce(tickets.next_same_contact_at > tickets.window_ends_at, true)
          and coalesce(tickets.next_unresolved_contact_at > tickets.window_ends_at, true)
          and coalesce(merged.merged_contact_at > tickets.window_ends_at, true)
          and coalesce(tickets.first_reopened_at > tickets.window_ends_at, true)
          and coalesce(tickets.further_message_at > tickets.window_ends_at, true)
          and coalesce(tickets.further_interaction_at > tickets.window_ends_at, true)
    end as is_first_contact_resolved
  from tickets
  left join merged on tickets.ticket_id = merged.ticket_id
  left join {{ ref('int_source_coverage') }} as coverage on tickets.source = coverage.source
  cross join {{ ref('build_as_of') }} as build
)

select * from final
