with final as (
  select
    months.customer_month_id || ':' || coalesce(contacts.cause_stage, 'unknown') as customer_month_contact_id,
    months.customer_month_id,
    months.customer_id,
    months.month_on,
    contacts.cause_stage,
    cast(contacts.contacts as bigint) as contacts,
    months.share_of_month
  from {{ ref('int_customer_months') }} as months
  inner join {{ ref('int_customer_month_contacts') }} as contacts
    on months.customer_id = contacts.customer_id and months.month_on = contacts.month_on
  -- Where nothing is known of a month's contacts, nothing is known of their causes.
  where months.contacts is not null
)

select * from final
