-- The contacts a stage caused, and how well they were handled in the eyes of who made them.
with contacts as (
  select
    tickets.cause_stage as stage,
    coalesce(customers.segment, 'unknown') as segment,
    tickets.ticket_id,
    tickets.is_avoidable,
    tickets.cost
  from {{ ref('fct_tickets') }} as tickets
  left join {{ ref('int_customers') }} as customers on tickets.customer_id = customers.customer_id
  where tickets.cause_stage is not null and not coalesce(tickets.is_proactive, false)
),

answers as (
  select
    ticket_id,
    count(is_satisfied) as answers,
    sum(case when is_satisfied then 1 else 0 end) as satisfied
  from {{ ref('fct_survey_responses') }}
  where scope = 'service_touchpoint' and survey_type = 'csat' and ticket_id is not null
  group by ticket_id
),

by_segment as (
  select
    contacts.stage,
    contacts.segment,
    count(*) as contacts,
    sum(case when contacts.is_avoidable then 1 else 0 end) as avoidable_contacts,
    sum(contacts.cost) as service_cost,
    sum(coalesce(answers.answers, 0)) as service_answers,
    sum(coalesce(answers.satisfied, 0)) as service_satisfied
  from contacts
  left join answers on contacts.ticket_id = answers.ticket_id
  group by contacts.stage, contacts.segment
),

final as (
  select * from by_segment
  union all
  select
    stage,
    'all' as segment,
    sum(contacts) as contacts,
    sum(avoidable_contacts) as avoidable_contacts,
    sum(service_cost) as service_cost,
    sum(service_answers) as service_answers,
    sum(service_satisfied) as service_satisfied
  from by_segment
  group by stage
)

select * from final
