with final as (
  select
    customer_id || ':' || month_on as service_failure_id,
    customer_id,
    month_on,
    watched_from as failed_at,
    failures,
    is_loyal as is_recovered
  from {{ ref('int_customer_month_loyalty') }}
  where is_failed
)

select * from final
