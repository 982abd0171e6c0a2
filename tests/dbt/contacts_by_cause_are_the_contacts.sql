-- The causes of a month's contacts add up to its contacts, customer by customer.
with by_cause as (
  select
    customer_month_id,
    sum(contacts) as contacts
  from {{ ref('fct_customer_month_contacts') }}
  group by customer_month_id
)

select
  months.customer_month_id,
  months.contacts,
  by_cause.contacts as contacts_by_cause
from {{ ref('fct_customer_months') }} as months
full outer join by_cause on months.customer_month_id = by_cause.customer_month_id
where
  -- A month without contacts, or of which none are known, has no causes.
  case
    when by_cause.customer_month_id is null then coalesce(months.contacts, 0) != 0
    else (months.contacts = by_cause.contacts) is not true
  end
