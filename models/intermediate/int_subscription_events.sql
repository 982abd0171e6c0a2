with first_events as (
  select
    source,
    min(occurred_at) as since
  from {{ ref('int_touchpoint_events') }}
  group by source
),

terms as (
  select
    subscriptions.subscription_id,
    subscriptions.customer_id,
    subscriptions.source,
    subscriptions.started_at,
    subscriptions.ended_at,
    {{ dbt.dateadd('day', var('onboarding_days'), 'subscriptions.started_at') }} as onboarded_until,
    -- The first term of a relationship is a purchase, whatever it says it renews. A further one is a renewal when it says
    -- so or follows an ended one within the days of grace; one beside a running term is another purchase.
    cycles.cycle_id is null
    and (
      subscriptions.renewed_from is not null
      or coalesce(
        lag(subscriptions.ended_at) over (
          partition by subscriptions.customer_id order by subscriptions.started_at, subscriptions.subscription_id
        ) <= subscriptions.started_at,
        false
      )
    ) as is_renewal
  from {{ ref('int_subscriptions') }} as subscriptions
  left join {{ ref('int_customer_cycles') }} as cycles
    on subscriptions.customer_id = cycles.customer_id and subscriptions.started_at = cycles.started_at
),

final as (
  select
    case when is_renewal then 'renewal' else 'subscription' end as event_kind,
    subscription_id,
    customer_id,
    source,
    started_at as occurred_at,
    case when is_renewal then 'renewal' else 'purchase' end as stage
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
  left join first_events on terms.source = first_events.source
  where
    first_events.source is null
    and not terms.is_renewal
    and (terms.ended_at is null or terms.ended_at > terms.onboarded_until)
)

select * from final
