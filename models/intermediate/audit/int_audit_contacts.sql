-- The contacts a stage caused, and how well they were handled in the eyes of who made them. Those of unknown cause have no
-- stage.
with contacts as (
  select
    contacts.cause_stage as stage,
    coalesce(customers.segment, 'unknown') as segment,
    contacts.ticket_id,
    contacts.is_avoidable,
    handled.cost
  from {{ ref('int_contacts') }} as contacts
  inner join {{ ref('int_ticket_contacts') }} as handled on contacts.ticket_id = handled.ticket_id
  left join {{ ref('int_customers') }} as customers on contacts.customer_id = customers.customer_id
),

answers as (
  select
    ticket_id,
    count(is_satisfied) as answers,
    sum(case when is_satisfied then 1 else 0 end) as satisfied
  from {{ ref('int_survey_answers') }}
  where scope = 'service_touchpoint' and ticket_id is not null
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
