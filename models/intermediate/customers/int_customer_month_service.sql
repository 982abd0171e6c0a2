-- What was known of a customer from service when a month began, and when the customer left in it or stayed to its end.
-- Satisfaction is known before anybody stays or leaves: with answers of the month itself, those who stayed would have
-- longer to give one. Silence is looked for in as many days before the end of the month as before leaving.
with months as (
  select
    *,
    {{ dbt.dateadd('day', -var('satisfied_days'), 'month_starts_at') }} as satisfied_from,
    case when is_retained then month_ends_at else left_at end as silent_until,
    {{ dbt.dateadd('day', -var('silent_days'), 'case when is_retained then month_ends_at else left_at end') }}
      as silent_from
  from {{ ref('int_customer_active_months') }}
  where is_active_at_start
),

answers as (
  select
    months.customer_id,
    months.month_on,
    responses.is_satisfied,
    row_number() over (
      partition by months.customer_id, months.month_on
      order by responses.responded_at desc, responses.response_id desc
    ) as answers_from_last
  from months
  inner join {{ ref('int_survey_answers') }} as responses
    on
      months.customer_id = responses.customer_id
      and months.satisfied_from <= responses.responded_at
      and months.month_starts_at > responses.responded_at
  where responses.scope = 'service_touchpoint' and responses.is_satisfied is not null
),

asked as (
  select distinct
    months.customer_id,
    months.month_on
  from months
  -- To ask is to ask, also where the ticket was merged into another.
  inner join {{ ref('int_ticket_causes') }} as contacts
    on
      contacts.is_opened_by_customer
      and months.customer_id = contacts.customer_id
      and months.silent_from <= contacts.created_at
      and months.silent_until > contacts.created_at
),

final as (
  select
    months.customer_id,
    months.month_on,
    answers.is_satisfied,
    -- Nobody can call a customer silent whose tickets of that time are not known.
    case
      when months.silent_from >= coverage.customer_tickets_since and coalesce(months.silent_until <= coverage.tickets_until, true)
        then asked.customer_id is null
    end as is_silent
  from months
  left join answers
    on
      months.customer_id = answers.customer_id
      and months.month_on = answers.month_on
      and answers.answers_from_last = 1
  left join asked on months.customer_id = asked.customer_id and months.month_on = asked.month_on
  left join {{ ref('int_source_coverage') }} as coverage on months.source = coverage.source
)

select * from final
