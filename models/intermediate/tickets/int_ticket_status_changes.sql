-- A state that nobody knows changes nothing. When several changes carry one timestamp, a ticket that was solved at that
-- moment counts as solved.
with changes as (
  select
    events.ticket_id,
    events.occurred_at as changed_at,
    events.from_value,
    events.to_value as to_status,
    row_number() over (
      partition by events.ticket_id
      order by
        events.occurred_at,
        case when events.to_value in ('solved', 'closed') then 1 else 0 end,
        events.event_id
    ) as change_number
  from {{ ref('int_ticket_events') }} as events
  inner join {{ ref('int_tickets') }} as tickets on events.ticket_id = tickets.ticket_id
  where events.event_type = 'status_changed' and events.to_value is not null
),

in_order as (
  select
    *,
    -- A change that does not say what was before comes after the change before it.
    coalesce(from_value, lag(to_status) over (partition by ticket_id order by change_number)) as from_status,
    lead(changed_at) over (partition by ticket_id order by change_number) as next_changed_at,
    -- Changes to solved or closed stay in the stretch of the work before them.
    sum(case when to_status in ('solved', 'closed') then 0 else 1 end) over (
      partition by ticket_id
      order by change_number
      rows unbounded preceding
    ) as stretch
  from changes
),

final as (
  select
    ticket_id,
    cast(change_number as bigint) as change_number,
    changed_at,
    next_changed_at,
    from_status,
    to_status,
    coalesce(from_status in ('solved', 'closed'), false) and to_status not in ('solved', 'closed') as is_reopening,
    -- A ticket that is open again has no solution; one that was closed without another has none any more.
    case
      when to_status in ('solved', 'closed')
        then
          max(case when to_status = 'solved' then changed_at end) over (
            partition by ticket_id, stretch
            order by change_number
            rows unbounded preceding
          )
    end as solved_at
  from in_order
)

select * from final
