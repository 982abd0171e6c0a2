with contacts as (
  select
    customer_id,
    month_on,
    sum(contacts) as contacts
  from {{ ref('int_customer_month_contacts') }}
  group by customer_id, month_on
),

days as (
  select
    customer_id,
    month_on,
    sum(active_days) as active_days,
    max(days_in_month) as days_in_month
  from {{ ref('int_customer_active_days') }}
  group by customer_id, month_on
),

referrals as (
  select distinct
    referrer_customer_id as customer_id,
    {{ reporting_month('referred_at') }} as month_on
  from {{ ref('int_referrals') }}
),

coverage as (
  select
    source,
    {{ reporting_month('referrals_since') }} as referrals_since_month,
    {{ reporting_month(told_last('referrals')) }} as referrals_until_month
  from {{ ref('int_source_coverage') }}
),

final as (
  select
    months.customer_id || ':' || months.month_on as customer_month_id,
    months.customer_id,
    months.month_on,
    months.is_complete,
    months.is_active_at_start,
    months.is_retained,
    months.is_churned,
    months.left_at,
    case when months.is_complete and months.is_churned then service.is_silent end as is_silent_churn,
    case when months.is_complete and months.is_retained then service.is_silent end as is_silent_stay,
    service.is_satisfied,
    loyalty.is_loyal as is_loyal_unfailed,
    -- Nothing known is not the same as none: a source without tickets, or none yet or any more, says nothing of its
    -- customers.
    case when days.active_days > 0 then cast(coalesce(contacts.contacts, 0) as bigint) end as contacts,
    -- Who left and came back on one day has it once.
    case
      when days.active_days > days.days_in_month then cast(1 as {{ type_double() }})
      else cast(days.active_days as {{ type_double() }}) / days.days_in_month
    end as share_of_month,
    case
      when
        months.month_on >= coverage.referrals_since_month
        and coalesce(months.month_on <= coverage.referrals_until_month, true)
        then referrals.customer_id is not null
    end as has_referral,
    money.revenue,
    case when months.is_complete and months.is_active_at_start then money.margin end as margin,
    case
      when months.is_complete and money.recurring_at_start > 0 and money.recurring_at_end is not null
        then money.recurring_at_start
    end as starting_recurring_revenue,
    case when months.is_complete and money.recurring_at_start > 0 then money.recurring_at_end end
      as ending_recurring_revenue,
    case
      when months.is_complete and months.is_active_at_start and money.category_spend > 0 then money.own_spend
    end as own_spend,
    case
      when
        months.is_complete and months.is_active_at_start and money.category_spend > 0 and money.own_spend is not null
        then money.category_spend
    end as category_spend
  from {{ ref('int_customer_active_months') }} as months
  left join days on months.customer_id = days.customer_id and months.month_on = days.month_on
  left join contacts on months.customer_id = contacts.customer_id and months.month_on = contacts.month_on
  left join referrals on months.customer_id = referrals.customer_id and months.month_on = referrals.month_on
  left join {{ ref('int_customer_month_money') }} as money
    on months.customer_id = money.customer_id and months.month_on = money.month_on
  left join {{ ref('int_customer_month_service') }} as service
    on months.customer_id = service.customer_id and months.month_on = service.month_on
  left join {{ ref('int_customer_month_loyalty') }} as loyalty
    on months.customer_id = loyalty.customer_id and months.month_on = loyalty.month_on and not loyalty.is_failed
  left join coverage on months.source = coverage.source
)

select * from final
