-- An answer about service is about a ticket, so nobody was silent. Of the others it counts whether the customer had a word
-- for service as well: before the answer, because a complaint may come first, or after it.
with answers as (
  select
    response_id,
    customer_id,
    source,
    is_low,
    {{ dbt.dateadd('day', -var('silent_answer_days'), 'responded_at') }} as silent_from,
    {{ dbt.dateadd('day', var('silent_answer_days'), 'responded_at') }} as silent_until
  from {{ ref('int_survey_answers') }}
  where scope != 'service_touchpoint' and customer_id is not null and is_low is not null
),

-- Where nobody who answered ever asked, the ids of survey tool and helpdesk differ, for all that anybody knows.
known as (
  select distinct answers.source
  from answers
  inner join {{ ref('int_ticket_causes') }} as contacts on answers.customer_id = contacts.customer_id
),

asked as (
  select distinct answers.response_id
  from answers
  -- To ask is to ask, also where the ticket was merged into another.
  inner join {{ ref('int_ticket_causes') }} as contacts
    on
      contacts.is_opened_by_customer
      and answers.customer_id = contacts.customer_id
      and answers.silent_from <= contacts.created_at
      and answers.silent_until > contacts.created_at
),

final as (
  select
    answers.response_id,
    answers.is_low,
    asked.response_id is null as is_silent
  from answers
  inner join known on answers.source = known.source
  inner join {{ ref('int_source_coverage') }} as coverage
    on answers.source = coverage.source and answers.silent_from >= coverage.tickets_since
  inner join {{ ref('build_as_of') }} as build on answers.silent_until <= {{ told_until(['tickets']) }}
  left join asked on answers.response_id = asked.response_id
)

select * from final
