-- What the tickets opened in the first days of a journey (variable effort_days) made the customer do in these days. A part
-- that came later counts for no journey: the journeys of old would have had more time for it. Whether a part is known is
-- told by the ticket's whole life.
with journeys as (
  select
    journey_id,
    {{ dbt.dateadd('day', var('effort_days'), 'started_at') }} as counts_until
  from {{ ref('int_journeys') }}
),

tickets as (
  select
    tickets.*,
    causes.next_same_contact_at,
    lifecycle.first_solved_at,
    journeys.counts_until
  from {{ ref('int_journey_tickets') }} as tickets
  inner join journeys on tickets.journey_id = journeys.journey_id and tickets.created_at < journeys.counts_until
  inner join {{ ref('int_ticket_causes') }} as causes on tickets.ticket_id = causes.ticket_id
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on tickets.ticket_id = lifecycle.ticket_id
),

transfers as (
  select
    ticket_id,
    event_type,
    occurred_at,
    {{ value_before() }} as value_before
  from {{ ref('int_ticket_events') }}
  where event_type in ('transferred', 'escalated')
),

told as (
  select
    tickets.ticket_id,
    sum(case when transfers.event_type = 'transferred' and transfers.value_before is not null then 1 else 0 end)
      as transfers,
    sum(case when transfers.event_type = 'escalated' then 1 else 0 end) as escalations
  from tickets
  inner join transfers
    on tickets.ticket_id = transfers.ticket_id and tickets.counts_until > transfers.occurred_at
  group by tickets.ticket_id
),

reopened as (
  select
    tickets.ticket_id,
    count(*) as reopens
  from tickets
  inner join {{ ref('int_ticket_status_changes') }} as changes
    on tickets.ticket_id = changes.ticket_id and tickets.counts_until > changes.changed_at
  where changes.is_reopening
  group by tickets.ticket_id
),

interactions as (
  select
    tickets.ticket_id,
    interactions.channel,
    case
      when interactions.channel is not null
        then lag(interactions.channel) over (
            partition by tickets.ticket_id, case when interactions.channel is null then 0 else 1 end
            order by interactions.started_at, interactions.interaction_id
          )
    end as channel_before,
    -- The wait of who gave up belongs to the abandonment.
    case when not coalesce(interactions.is_abandoned, false) then interactions.wait_seconds end as wait_seconds
  from tickets
  inner join {{ ref('int_interactions') }} as interactions
    on tickets.ticket_id = interactions.ticket_id and tickets.counts_until > interactions.started_at
),

talked as (
  select
    ticket_id,
    sum(case when channel != channel_before then 1 else 0 end) as channel_switches,
    sum(wait_seconds) / 60 as wait_minutes
  from interactions
  group by ticket_id
),

final as (
  select
    tickets.ticket_id,
    tickets.journey_id,
    case when tickets.transfers is not null then coalesce(told.transfers, 0) end as transfers,
    case when tickets.reopens is not null then coalesce(reopened.reopens, 0) end as reopens,
    case when tickets.escalations is not null then coalesce(told.escalations, 0) end as escalations,
    -- What is solved later has, in these days, no solution that the customer could have come back after.
    case
      when tickets.repeat_contacts is null then null
      when
        tickets.next_same_contact_at < tickets.counts_until
        and tickets.next_same_contact_at <= {{ dbt.dateadd(
          'day', var('repeat_contact_days'),
          'case when tickets.first_solved_at < tickets.counts_until then tickets.first_solved_at else tickets.created_at end'
        ) }}
        then 1
      else 0
    end as repeat_contacts,
    case when tickets.channel_switches is not null then coalesce(talked.channel_switches, 0) end as channel_switches,
    case when tickets.wait_minutes is not null then coalesce(talked.wait_minutes, 0) end as wait_minutes
  from tickets
  left join told on tickets.ticket_id = told.ticket_id
  left join reopened on tickets.ticket_id = reopened.ticket_id
  left join talked on tickets.ticket_id = talked.ticket_id
)

select * from final
