-- A failure counts when it happened, not when its ticket was opened: later failures leave earlier months as they are. Only
-- for a breached agreement no moment is known but the opening of the ticket.
with reopenings as (
  select
    tickets.customer_id,
    tickets.source,
    changes.changed_at as failed_at
  from {{ ref('int_ticket_status_changes') }} as changes
  inner join {{ ref('int_ticket_causes') }} as tickets on changes.ticket_id = tickets.ticket_id
  where changes.is_reopening and coalesce(changes.changed_at <= tickets.merged_at, true)
),

breaches as (
  select
    tickets.customer_id,
    tickets.source,
    tickets.created_at as failed_at
  from {{ ref('int_tickets') }} as tickets
  inner join {{ ref('int_ticket_causes') }} as causes on tickets.ticket_id = causes.ticket_id
  where not tickets.sla_met and causes.merged_at is null
),

bad_answers as (
  select
    customer_id,
    source,
    responded_at as failed_at
  from {{ ref('int_survey_answers') }}
  where scope = 'service_touchpoint' and is_dissatisfied
),

final as (
  select
    *,
    'reopened' as failure
  from reopenings
  union all
  select
    *,
    'breached' as failure
  from breaches
  union all
  select
    *,
    'bad_answer' as failure
  from bad_answers
)

select * from final
