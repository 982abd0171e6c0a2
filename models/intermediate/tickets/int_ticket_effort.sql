-- What a ticket made its customer do: a column for each part of the seed effort_weights, null while nobody can know it.
with with_lifecycle as (
  select
    tickets.*,
    causes.next_same_contact_at,
    lifecycle.has_events,
    lifecycle.transfers,
    lifecycle.reopens,
    lifecycle.escalations,
    -- A merged ticket is compared with none, and whether its customer came back is told by its target.
    case when causes.merged_at is null then lifecycle.last_solved_at end as last_solved_at,
    causes.merged_at,
    {{ dbt.dateadd(
      'day', var('repeat_contact_days'), 'coalesce(lifecycle.first_solved_at, tickets.created_at)'
    ) }} as repeat_window_ends_at
  from {{ ref('int_tickets') }} as tickets
  inner join {{ ref('int_ticket_causes') }} as causes on tickets.ticket_id = causes.ticket_id
  inner join {{ ref('int_ticket_lifecycle') }} as lifecycle on tickets.ticket_id = lifecycle.ticket_id
),

parts as (
  select
    tickets.ticket_id,
    tickets.source,
    tickets.agent_id,
    -- Tickets without a team are those of one.
    coalesce(tickets.team, 'unknown') as team,
    tickets.contact_reason,
    tickets.channel,
    tickets.priority,
    tickets.last_solved_at,
    case when tickets.has_events and coverage.transfers_since is not null then tickets.transfers end as transfers,
    case when tickets.has_events and coverage.reopenings_since is not null then tickets.reopens end as reopens,
    case when tickets.has_events and coverage.escalations_since is not null then tickets.escalations end as escalations,
    case
      when tickets.customer_id is not null and tickets.contact_reason is not null and tickets.merged_at is null
        then
          case
            when tickets.repeat_window_ends_at > {{ told_until(['tickets']) }} then null
            when tickets.next_same_contact_at <= tickets.repeat_window_ends_at then 1
            else 0
          end
    end as repeat_contacts,
    contacts.channel_switches,
    contacts.wait_minutes
  from with_lifecycle as tickets
  inner join {{ ref('int_ticket_contacts') }} as contacts on tickets.ticket_id = contacts.ticket_id
  left join {{ ref('int_source_coverage') }} as coverage on tickets.source = coverage.source
  cross join {{ ref('build_as_of') }} as build
),

efforts as (
  select
    parts.*,
    {{ effort_index(
      ['transfers', 'reopens', 'escalations', 'repeat_contacts', 'channel_switches', 'wait_minutes'], amounts='parts'
    ) }} as effort
  from parts
  cross join {{ ref('int_effort_weights') }} as weights
),

-- Solved tickets of one source, team, reason, channel and priority that somebody answers for, with themselves among them.
-- Which of the like tickets come to a team is routing: the second line has what was passed on, whoever works there.
kinds as (
  select
    source,
    team,
    contact_reason,
    channel,
    priority,
    avg(effort) as effort
  from efforts
  where agent_id is not null and last_solved_at is not null
  group by source, team, contact_reason, channel, priority
),

final as (
  select
    efforts.ticket_id,
    cast(efforts.transfers as bigint) as transfers,
    cast(efforts.reopens as bigint) as reopens,
    cast(efforts.escalations as bigint) as escalations,
    cast(efforts.repeat_contacts as bigint) as repeat_contacts,
    efforts.channel_switches,
    efforts.wait_minutes,
    efforts.effort,
    -- Null without an agent or a solution; a null channel, reason or priority is no kind and finds none here.
    case
      when efforts.agent_id is not null and efforts.last_solved_at is not null then kinds.effort - efforts.effort
    end as effort_difference
  from efforts
  left join kinds
    on
      efforts.source = kinds.source
      and efforts.team = kinds.team
      and efforts.contact_reason = kinds.contact_reason
      and efforts.channel = kinds.channel
      and efforts.priority = kinds.priority
)

select * from final
