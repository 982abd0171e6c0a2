-- What the interactions of a ticket say of it. A ticket without one has none of it, from the first interaction of its
-- source on and as long as it tells of any; otherwise nobody knows.
with interactions as (
  select
    interactions.*,
    coalesce(interactions.is_abandoned, false) as is_given_up,
    min(case when not coalesce(interactions.is_abandoned, false) then interactions.started_at end) over (
      partition by interactions.ticket_id
    ) as first_handled_at,
    costs.cost_per_interaction
  from {{ ref('int_interactions') }} as interactions
  left join {{ ref('channel_costs') }} as costs on interactions.channel = costs.channel
),

in_order as (
  select
    ticket_id,
    channel,
    lag(channel) over (partition by ticket_id order by started_at, interaction_id) as channel_before
  from interactions
  where ticket_id is not null and channel is not null
),

switches as (
  select
    ticket_id,
    sum(case when channel != channel_before then 1 else 0 end) as channel_switches
  from in_order
  group by ticket_id
),

by_ticket as (
  select
    ticket_id,
    -- Who gave up did not get through: that wait belongs to the abandonment, and nobody's work was paid for.
    sum(case when not is_given_up then wait_seconds end) as wait_seconds,
    sum(case when is_given_up then 0 else cost_per_interaction end) as cost,
    sum(case when not is_given_up and cost_per_interaction is null then 1 else 0 end) as contacts_of_unknown_cost,
    -- Who got through once and calls again is in contact again, whether or not they get through.
    min(case when started_at > first_handled_at then started_at end) as further_interaction_at
  from interactions
  where ticket_id is not null
  group by ticket_id
),

-- Who asked in writing and then calls or chats about it is in contact again, also for the first time by voice.
live as (
  select
    interactions.ticket_id,
    min(interactions.started_at) as started_at
  from interactions
  inner join {{ ref('int_tickets') }} as tickets on interactions.ticket_id = tickets.ticket_id
  where
    not coalesce(tickets.is_proactive, false)
    and interactions.channel in ('{{ var("real_time_channels") | join("', '") }}')
    and interactions.channel != tickets.channel
    and interactions.started_at > {{ dbt.dateadd('minute', var('contact_gap_minutes'), 'tickets.created_at') }}
  group by interactions.ticket_id
),

final as (
  select
    tickets.ticket_id,
    cast(
      case
        when switches.ticket_id is not null then switches.channel_switches
        when
          tickets.created_at >= coverage.channels_since
          and coalesce(tickets.created_at < coverage.interactions_until, true)
          then 0
      end as bigint
    ) as channel_switches,
    cast(
      case
        when by_ticket.wait_seconds is not null then by_ticket.wait_seconds / 60
        when
          tickets.created_at >= coverage.waits_since
          and coalesce(tickets.created_at < coverage.interactions_until, true)
          then 0
      end as {{ type_double() }}
    ) as wait_minutes,
    cast(
      case
        when by_ticket.contacts_of_unknown_cost = 0 then by_ticket.cost
        when
          by_ticket.ticket_id is null
          and tickets.created_at >= coverage.interactions_since
          and coalesce(tickets.created_at < coverage.interactions_until, true)
          then 0
      end as {{ type_double() }}
    ) as cost,
    least(
      coalesce(by_ticket.further_interaction_at, live.started_at), coalesce(live.started_at, by_ticket.further_interaction_at)
    ) as further_interaction_at
  from {{ ref('int_tickets') }} as tickets
  left join switches on tickets.ticket_id = switches.ticket_id
  left join by_ticket on tickets.ticket_id = by_ticket.ticket_id
  left join live on tickets.ticket_id = live.ticket_id
  left join {{ ref('int_source_coverage') }} as coverage on tickets.source = coverage.source
)

select * from final
