with sessions as (
  select
    *,
    {{ dbt.dateadd('hour', var('self_service_hours'), 'started_at') }} as answer_window_ends_at
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

final as (
  select
    sessions.help_session_id,
    sessions.customer_id,
    sessions.ticket_id,
    sessions.source,
    sessions.started_at,
    {{ reporting_date('sessions.started_at') }} as started_on,
    sessions.articles_viewed,
    -- Without a customer only a ticket could be seen, never its absence: counting those would count failures alone.
    case
      when
        sessions.customer_id is not null
        and sessions.started_at >= coverage.tickets_since
        and sessions.answer_window_ends_at <= build.as_of
        then sessions.ticket_id is null and followed_by_contact.help_session_id is null
    end as is_resolved
  from sessions
  left join followed_by_contact on sessions.help_session_id = followed_by_contact.help_session_id
  left join {{ ref('int_source_coverage') }} as coverage on sessions.source = coverage.source
  cross join {{ ref('build_as_of') }} as build
)

select * from final
