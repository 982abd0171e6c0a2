-- The states of a ticket one after the other: new from its creation on, then what each change says until the next one.
with spans as (
  select
    tickets.ticket_id,
    'new' as status,
    tickets.created_at as began_at,
    changes.changed_at as ended_at
  from {{ ref('int_tickets') }} as tickets
  inner join {{ ref('int_ticket_status_changes') }} as changes
    on tickets.ticket_id = changes.ticket_id and changes.change_number = 1
  union all
  select
    ticket_id,
    to_status as status,
    changed_at as began_at,
    next_changed_at as ended_at
  from {{ ref('int_ticket_status_changes') }}
  where next_changed_at is not null
),

final as (
  select
    spans.ticket_id,
    -- In pending the company waits for the customer, in solved and closed nobody waits.
    cast(
      sum(case when spans.status in ('new', 'open', 'on_hold') then ended.open_seconds - began.open_seconds else 0 end)
      as bigint
    ) as open_seconds
  from spans
  inner join {{ ref('int_ticket_schedules') }} as schedules on spans.ticket_id = schedules.ticket_id
  inner join {{ ref('int_business_moments') }} as began
    on schedules.schedule = began.schedule and spans.began_at = began.moment_at
  inner join {{ ref('int_business_moments') }} as ended
    on schedules.schedule = ended.schedule and spans.ended_at = ended.moment_at
  group by spans.ticket_id
)

select * from final
