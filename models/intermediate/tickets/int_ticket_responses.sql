with final as (
  select
    messages.ticket_id,
    cast(count(*) as bigint) as answered_messages,
    cast(sum(answer.open_seconds - message.open_seconds) as bigint) as open_seconds
  from {{ ref('int_ticket_messages') }} as messages
  inner join {{ ref('int_ticket_schedules') }} as schedules on messages.ticket_id = schedules.ticket_id
  inner join {{ ref('int_business_moments') }} as message
    on schedules.schedule = message.schedule and messages.written_at = message.moment_at
  inner join {{ ref('int_business_moments') }} as answer
    on schedules.schedule = answer.schedule and messages.answered_at = answer.moment_at
  where messages.written_by = 'customer'
  group by messages.ticket_id
)

select * from final
