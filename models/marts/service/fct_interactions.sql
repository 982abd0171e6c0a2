with interactions as (
  select
    interactions.*,
    coalesce(interactions.channel in ('{{ var("real_time_channels") | join("', '") }}'), false)
    -- Who gives up at once did not wait for an agent.
    and not coalesce(
      interactions.is_abandoned and interactions.wait_seconds < {{ var('short_abandon_seconds') }}, false
    ) as is_queued,
    coalesce(interactions.started_at >= coverage.waits_since, false) as are_waits_told
  from {{ ref('int_interactions') }} as interactions
  left join {{ ref('int_source_coverage') }} as coverage on interactions.source = coverage.source
),

final as (
  select
    interaction_id,
    ticket_id,
    customer_id,
    {{ published_agent_id('agent_id') }} as agent_id,
    channel,
    source,
    started_at,
    {{ reporting_date('started_at') }} as started_on,
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
    is_abandoned,
    case when is_queued then is_abandoned end as is_queue_abandoned,
    case when is_queued and not is_abandoned then wait_seconds end as answer_seconds,
    -- Who gave up was not answered in time, however long the wait was. Where the source tells of no waits, nobody knows
    -- who was answered in time, and those who gave up alone would make a level of zero.
    case
      when is_queued and is_abandoned and are_waits_told then false
      when is_queued and not is_abandoned then wait_seconds <= {{ var('service_level_seconds') }}
    end as is_answered_in_time
  from interactions
)

select * from final
