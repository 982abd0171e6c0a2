with final as (
  select
    interaction_id,
    ticket_id,
    customer_id,
    {{ published_agent_id('agent_id') }} as agent_id,
    channel,
    source,
    started_at,
    wait_seconds,
    talk_seconds,
    hold_seconds,
    wrap_seconds,
    -- Nobody handled an abandoned contact; a part that was not recorded took no time, but one part must be there.
    case
      when is_abandoned then null
      when coalesce(talk_seconds, hold_seconds, wrap_seconds) is not null
        then coalesce(talk_seconds, 0) + coalesce(hold_seconds, 0) + coalesce(wrap_seconds, 0)
    end as handle_seconds,
    is_abandoned
  from {{ ref('int_interactions') }}
)

select * from final
