with seen as (
  select
    agent_id,
    source,
    created_at as seen_at,
    ticket_id,
    cast(null as {{ dbt.type_string() }}) as interaction_id
  from {{ ref('int_tickets') }}
  where agent_id is not null
  union all
  select
    agent_id,
    source,
    started_at as seen_at,
    cast(null as {{ dbt.type_string() }}) as ticket_id,
    interaction_id
  from {{ ref('int_interactions') }}
  where agent_id is not null
),

final as (
  select
    agent_id,
    source,
    min(seen_at) as first_seen_at,
    max(seen_at) as last_seen_at,
    cast(count(ticket_id) as bigint) as tickets,
    cast(count(interaction_id) as bigint) as interactions
  from seen
  where {{ 'true' if agents_are_published() else 'false' }}
  group by agent_id, source
)

select * from final
