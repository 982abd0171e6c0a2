with renewals as (
  select distinct
    customer_id,
    renewed_at
  from {{ ref('int_subscription_terms') }}
  where renewed_at is not null
),

terms as (
  select
    terms.subscription_id,
    terms.customer_id,
    terms.source,
    terms.started_at,
    terms.ended_at,
    {{ dbt.dateadd('day', var('onboarding_days'), 'terms.started_at') }} as onboarded_until,
    -- The first term of a relationship is a purchase, whatever it says it renews; so is one beside a running term.
    cycles.cycle_id is null and (terms.renewed_from is not null or renewals.renewed_at is not null) as is_renewal,
    terms.term_kind
  from {{ ref('int_subscription_terms') }} as terms
  left join {{ ref('int_customer_cycles') }} as cycles
    on terms.customer_id = cycles.customer_id and terms.started_at = cycles.started_at
  left join renewals on terms.customer_id = renewals.customer_id and terms.started_at = renewals.renewed_at
  -- Nobody buys or renews by a pause or by another plan in the middle of a term.
  where terms.term_kind != 'pause' and terms.change_of is null
),

final as (
  select
    case when term_kind = 'trial' then 'trial' when is_renewal then 'renewal' else 'subscription' end as event_kind,
    subscription_id,
    customer_id,
    source,
    started_at as occurred_at,
    case when term_kind = 'trial' then 'consideration' when is_renewal then 'renewal' else 'purchase' end as stage
  from terms
  union all
  -- Where no touchpoint event could show it, a subscription that outlasts the onboarding shows use.
  select
    'continued_use' as event_kind,
    terms.subscription_id,
    terms.customer_id,
    terms.source,
    terms.onboarded_until as occurred_at,
    'use' as stage
  from terms
  left join {{ ref('int_source_coverage') }} as coverage on terms.source = coverage.source
  where
    coverage.touchpoint_events_since is null
    and terms.term_kind = 'paid'
    and not terms.is_renewal
    and (terms.ended_at is null or terms.ended_at > terms.onboarded_until)
)

select * from final
