with final as (
  select
    customer_month_id,
    customer_id,
    month_on,
    is_complete,
    is_active_at_start,
    is_retained,
    is_churned,
    left_at,
    is_silent_churn,
    is_silent_stay,
    is_satisfied,
    is_loyal_unfailed,
    contacts,
    share_of_month,
    has_referral,
    revenue,
    margin,
    starting_recurring_revenue,
    ending_recurring_revenue,
    own_spend,
    category_spend
  from {{ ref('int_customer_months') }}
)

select * from final
