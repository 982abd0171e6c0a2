with final as (
  select
    event_id,
    ticket_id,
    occurred_at,
    event_type,
    actor_type,
    actor_id,
    from_value,
    to_value,
    source
  from {{ ref('int_ticket_events_ever') }}
  {{ up_to_as_of('occurred_at') }}
)

select * from final
