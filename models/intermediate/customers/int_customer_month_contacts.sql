select
  tickets.customer_id,
  cast({{ dbt.date_trunc('month', 'tickets.created_at') }} as date) as month_on,
  reasons.cause_stage,
  count(*) as contacts
from {{ ref('int_tickets') }} as tickets
left join {{ ref('contact_reasons') }} as reasons on tickets.contact_reason = reasons.contact_reason
-- A ticket the company opened is no contact of the customer.
where tickets.customer_id is not null and not coalesce(tickets.is_proactive, false)
group by
  tickets.customer_id,
  cast({{ dbt.date_trunc('month', 'tickets.created_at') }} as date),
  reasons.cause_stage
