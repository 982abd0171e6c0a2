-- What a ticket made its customer do: a column for each part of the seed effort_weights, null while nobody can know it.
with tickets as (
  select
    *,
    {{ next_same_contact_at() }} as next_same_contact_at
  from {{ ref('int_tickets') }}
),

channels as (
  select
    ticket_id,
    channel,
    lag(channel) over (partition by ticket_id order by started_at, interaction_id) as channel_before
  from {{ ref('int_interactions') }}
  where ticket_id is not null and channel is not null
),

switches as (
  select
    ticket_id,
    sum(case when channel != channel_before then 1 else 0 end) as channel_switches
  from channels
  group by ticket_id
),

-- Who gave up did not get through: that wait belongs to the abandonment, which counts for the journey.
waits as (
  select
    ticket_id,
    sum(wait_seconds) / 60 as wait_minutes
  from {{ ref('int_interactions') }}
  where ticket_id is not null and wait_seconds is not null and not coalesce(is_abandoned, false)
  group by ticket_id
),

contacts_known as (
  select
    source,
    min(case when channel is not null then started_at end) as channels_since,
    min(case when wait_seconds is not null then started_at end) as waits_since
  from {{ ref('int_interactions') }}
  group by source
),

escalations_known as (
  select distinct tickets.source
  from tickets
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on tickets.ticket_id = lifecycle.ticket_id
  where lifecycle.escalations > 0
),

parts as (
  select
    tickets.ticket_id,
    tickets.source,
    tickets.agent_id,
    tickets.contact_reason,
    tickets.channel,
    tickets.priority,
    lifecycle.last_solved_at,
    case when lifecycle.has_events then lifecycle.transfers end as transfers,
    case when lifecycle.has_events then lifecycle.reopens end as reopens,
    case
      when lifecycle.has_events and escalations_known.source is not null then lifecycle.escalations
    end as escalations,
    case
      when tickets.customer_id is null or tickets.contact_reason is null then null
      when
        {{ dbt.dateadd('day', var('repeat_contact_days'), 'coalesce(lifecycle.first_solved_at, tickets.created_at)') }}
        > build.as_of then null
      when
        tickets.next_same_contact_at
        <= {{ dbt.dateadd('day', var('repeat_contact_days'), 'coalesce(lifecycle.first_solved_at, tickets.created_at)') }}
        then 1
      else 0
    end as repeat_contacts,
    case
      when switches.ticket_id is not null then switches.channel_switches
      when tickets.created_at >= contacts_known.channels_since then 0
    end as channel_switches,
    case
      when waits.ticket_id is not null then waits.wait_minutes
      when tickets.created_at >= contacts_known.waits_since then 0
    end as wait_minutes
  from tickets
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on tickets.ticket_id = lifecycle.ticket_id
  left join switches on tickets.ticket_id = switches.ticket_id
  left join waits on tickets.ticket_id = waits.ticket_id
  left join contacts_known on tickets.source = contacts_known.source
  left join escalations_known on tickets.source = escalations_known.source
  cross join {{ ref('build_as_of') }} as build
),

final as (
  select
    parts.ticket_id,
    cast(parts.transfers as bigint) as transfers,
    cast(parts.reopens as bigint) as reopens,
    cast(parts.escalations as bigint) as escalations,
    cast(parts.repeat_contacts as bigint) as repeat_contacts,
    cast(parts.channel_switches as bigint) as channel_switches,
    cast(parts.wait_minutes as {{ type_double() }}) as wait_minutes,
    {{ effort_index(
      ['transfers', 'reopens', 'escalations', 'repeat_contacts', 'channel_switches', 'wait_minutes'], amounts='parts'
    ) }} as effort
  from parts
  cross join {{ ref('int_effort_weights') }} as weights
)

select * from final
