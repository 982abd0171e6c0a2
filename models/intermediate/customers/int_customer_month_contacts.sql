with contacts as (
  select
    customer_id,
    cast({{ dbt.date_trunc('month', 'created_at') }} as date) as month_on,
    cause_stage
  from {{ ref('int_contacts') }}
  where customer_id is not null
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
