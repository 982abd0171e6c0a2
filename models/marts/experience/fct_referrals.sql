with referrals as (
  select
    *,
    {{ dbt.dateadd('day', var('referral_days'), 'referred_at') }} as convertible_until
  from {{ ref('int_referrals') }}
),

-- A source that never saw a referral convert does not know which ones did.
conversions_known as (
  select distinct referrals.source
  from referrals
  cross join {{ ref('build_as_of') }} as build
  where referrals.converted_at <= build.as_of
),

final as (
  select
    referrals.referral_id,
    referrals.referrer_customer_id as customer_id,
    referrals.source,
    referrals.referred_at,
    case when referrals.converted_at <= build.as_of then referrals.converted_at end as converted_at,
    case
      when conversions_known.source is not null and referrals.convertible_until <= build.as_of
        then coalesce(referrals.converted_at <= referrals.convertible_until, false)
    end as is_converted
  from referrals
  left join conversions_known on referrals.source = conversions_known.source
  cross join {{ ref('build_as_of') }} as build
)

select * from final
