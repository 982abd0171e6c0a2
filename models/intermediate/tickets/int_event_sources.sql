-- A source that never sent a kind of event does not know of it: what it does not tell did not happen nowhere.
with final as (
  select
    source,
    max(case when event_type = 'public_reply' and actor_type = 'agent' then 1 else 0 end) = 1 as has_replies,
    max(case when event_type = 'escalated' then 1 else 0 end) = 1 as has_escalations,
    max(case when event_type = 'status_changed' and to_value = 'solved' then 1 else 0 end) = 1 as has_solutions
  from {{ ref('int_ticket_events') }}
  group by source
)

select * from final
