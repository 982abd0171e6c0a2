with sessions as (
  select
    *,
    {{ dbt.dateadd('hour', var('self_service_hours'), 'started_at') }} as answer_window_ends_at,
    {{ dbt.dateadd('day', var('containment_days'), 'started_at') }} as containment_ends_at
  from {{ ref('int_help_sessions') }}
),

followed_by_contact as (
  select distinct sessions.help_session_id
  from sessions
  -- To ask is to ask, also where the ticket was merged into another.
  inner join {{ ref('int_ticket_causes') }} as contacts
    on
      contacts.is_opened_by_customer
      and sessions.customer_id = contacts.customer_id
      and sessions.started_at <= contacts.created_at
      and sessions.answer_window_ends_at >= contacts.created_at
),

-- A person is met in a ticket or in an interaction, whatever it is about; what the company opened is no question.
people as (
  select
    customer_id,
    created_at as met_at
  from {{ ref('int_ticket_causes') }}
  where is_opened_by_customer
  union all
  select
    coalesce(interactions.customer_id, tickets.customer_id) as customer_id,
    interactions.started_at as met_at
  from {{ ref('int_interactions') }} as interactions
  left join {{ ref('int_ticket_causes') }} as tickets on interactions.ticket_id = tickets.ticket_id
  where coalesce(tickets.is_opened_by_customer, true)
),

-- Where no visitor ever asked a person, the ids of help centre and helpdesk differ, for all that anybody knows.
known as (
  select distinct sessions.source
  from sessions
  inner join people on sessions.customer_id = people.customer_id
),

followed_by_person as (
  select distinct sessions.help_session_id
  from sessions
  inner join people
    on
      sessions.customer_id = people.customer_id
      and sessions.started_at <= people.met_at
      and sessions.containment_ends_at >= people.met_at
),

final as (
  select
    sessions.help_session_id,
    sessions.customer_id,
    sessions.ticket_id,
    sessions.source,
    sessions.started_at,
    {{ reporting_date('sessions.started_at') }} as started_on,
    sessions.articles_viewed,
    sessions.is_chatbot,
    -- Without a customer only a ticket could be seen, never its absence: counting those would count failures alone.
    case
      when
        sessions.customer_id is not null
        and known.source is not null
        and sessions.started_at >= coverage.tickets_since
        and sessions.answer_window_ends_at <= {{ told_until(['tickets']) }}
        then sessions.ticket_id is null and followed_by_contact.help_session_id is null
    end as is_resolved,
    case
      when
        sessions.is_chatbot
        and sessions.customer_id is not null
        and known.source is not null
        and sessions.started_at >= coverage.tickets_since
        and sessions.containment_ends_at <= {{ told_until(['tickets', 'interactions']) }}
        then sessions.ticket_id is null and followed_by_person.help_session_id is null
    end as is_contained
  from sessions
  left join known on sessions.source = known.source
  left join followed_by_contact on sessions.help_session_id = followed_by_contact.help_session_id
  left join followed_by_person on sessions.help_session_id = followed_by_person.help_session_id
  left join {{ ref('int_source_coverage') }} as coverage on sessions.source = coverage.source
  cross join {{ ref('build_as_of') }} as build
)

select * from final
