with final as (
  select
    events.journey_id,
    events.stage,
    -- What the company sends enters no stage. After its end a journey only goes on in what customers say of it.
    min(
      case
        when
          not events.is_proactive
          and (
            events.stage in ('service', 'advocacy')
            or journeys.closes_at is null
            or events.occurred_at <= journeys.closes_at
          ) then events.occurred_at
      end
    ) as entered_at
  from {{ ref('int_journey_events') }} as events
  inner join {{ ref('int_journeys') }} as journeys on events.journey_id = journeys.journey_id
  where events.stage is not null
  group by events.journey_id, events.stage
)

select * from final
