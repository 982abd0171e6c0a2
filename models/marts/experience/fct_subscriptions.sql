with final as (
  select
    subscription_id,
    customer_id,
    source,
    started_at,
    ended_at,
    renewed_from,
    renewed_at,
    monthly_amount,
    is_renewed
  from {{ ref('int_subscription_terms') }}
)

select * from final
