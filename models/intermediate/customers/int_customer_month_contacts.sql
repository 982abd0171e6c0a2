-- A ticket of a day on which its customer was none is no contact of a customer: the days it would belong to are not counted.
with contacts as (
  select distinct
    contacts.ticket_id,
    contacts.customer_id,
    days.month_on,
    contacts.cause_stage
  from {{ ref('int_contacts') }} as contacts
  inner join {{ ref('int_customer_active_days') }} as days
    on
      contacts.customer_id = days.customer_id
      and days.first_on <= {{ reporting_date('contacts.created_at') }}
      and days.last_on >= {{ reporting_date('contacts.created_at') }}
),

final as (
  select
    customer_id,
    month_on,
    cause_stage,
    count(*) as contacts
  from contacts
  group by customer_id, month_on, cause_stage
)

select * from final
