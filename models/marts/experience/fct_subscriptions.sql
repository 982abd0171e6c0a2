with terms as (
  select
    *,
    {{ dbt.datediff('started_at', 'ended_at', 'second') }} / cast(86400 as {{ type_double() }}) as days
  from {{ ref('int_subscription_terms') }}
),

final as (
  select
    subscription_id,
    customer_id,
    source,
    started_at,
    ended_at,
    {{ reporting_date('ended_at') }} as ended_on,
    renewed_from,
    term_kind,
    change_of,
    renewed_at,
    monthly_amount,
    is_renewed,
    -- Halfway between the usual lengths: a term that began some days late is still one of a month or of a year.
    case
      when days < 45 then 'month'
      when days < 135 then 'quarter'
      when days < 270 then 'half_year'
      when days < 540 then 'year'
      when days >= 540 then 'longer'
    end as term_length,
    case when is_renewed is not null then monthly_amount end as amount_decided,
    case when is_renewed then monthly_amount when not is_renewed then monthly_amount * 0 end as amount_renewed
  from terms
)

select * from final
