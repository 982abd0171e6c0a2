with referrals as (
  select
    *,
    {{ dbt.dateadd('day', var('referral_days'), 'referred_at') }} as convertible_until
  from {{ ref('int_referrals') }}
),

final as (
  select
    referrals.referral_id,
    referrals.referrer_customer_id as customer_id,
    referrals.source,
    referrals.referred_at,
    {{ reporting_date('referrals.referred_at') }} as referred_on,
    case when referrals.converted_at <= build.as_of then referrals.converted_at end as converted_at,
    -- A source that never saw a referral convert does not know which ones did.
    case
      when coverage.conversions_since is not null and referrals.convertible_until <= {{ told_until(['referrals']) }}
        then coalesce(referrals.converted_at <= referrals.convertible_until, false)
    end as is_converted
  from referrals
  left join {{ ref('int_source_coverage') }} as coverage on referrals.source = coverage.source
  cross join {{ ref('build_as_of') }} as build
)

select * from final
