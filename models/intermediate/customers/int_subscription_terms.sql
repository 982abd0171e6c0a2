-- Renewed is what another term follows within the days of grace: one that names it, or else one that names none and
-- begins nearer to its end than to that of any other term of the customer. What a pause or a change of plan follows was
-- not up for renewal, and a trial never is.
with as_of as (
  select as_of from {{ ref('build_as_of') }}
),

terms as (
  select
    subscriptions.subscription_id,
    subscriptions.customer_id,
    subscriptions.source,
    subscriptions.started_at,
    subscriptions.ended_at,
    subscriptions.monthly_amount,
    subscriptions.renewed_from,
    subscriptions.change_of,
    coalesce(subscriptions.change_of, subscriptions.renewed_from) as follows,
    coalesce(subscriptions.term_kind, 'paid') as term_kind,
    coalesce(subscriptions.term_kind, 'paid') = 'paid' and subscriptions.change_of is null as is_renewal,
    -- A term that runs on, or ends after the as-of date, has not ended.
    case when subscriptions.ended_at <= as_of.as_of then subscriptions.ended_at end as known_ended_at,
    {{ dbt.dateadd('day', -var('churn_grace_days'), 'subscriptions.ended_at') }} as renewable_from,
    {{ dbt.dateadd('day', var('churn_grace_days'), 'subscriptions.ended_at') }} as renewable_until,
    {{ told_until(['subscriptions'], as_of='as_of.as_of') }} as known_until
  from {{ ref('int_subscriptions') }} as subscriptions
  left join {{ ref('int_source_coverage') }} as coverage on subscriptions.source = coverage.source
  cross join as_of
  where subscriptions.started_at <= as_of.as_of
),

followers as (
  select * from terms
  where term_kind != 'trial'
),

named as (
  select
    terms.subscription_id,
    min(followers.started_at) as followed_at,
    min(case when followers.is_renewal then followers.started_at end) as renewed_at
  from terms
  inner join followers
    on
      terms.subscription_id = followers.follows
      and terms.started_at < followers.started_at
      and (terms.ended_at is null or terms.renewable_until >= followers.started_at)
  group by terms.subscription_id
),

near as (
  select
    terms.subscription_id,
    followers.started_at,
    followers.is_renewal,
    rank() over (
      partition by followers.subscription_id
      order by abs({{ dbt.datediff('terms.known_ended_at', 'followers.started_at', 'second') }})
    ) as nearness
  from terms
  inner join followers
    on
      terms.customer_id = followers.customer_id
      and terms.started_at < followers.started_at
      and terms.renewable_from <= followers.started_at
      and terms.renewable_until >= followers.started_at
  where
    followers.follows is null
    and terms.term_kind != 'trial'
    and terms.known_ended_at is not null
    and (followers.known_ended_at is null or followers.known_ended_at > terms.known_ended_at)
),

unnamed as (
  select
    subscription_id,
    min(started_at) as followed_at,
    min(case when is_renewal then started_at end) as renewed_at
  from near
  where nearness = 1
  group by subscription_id
),

followed as (
  select
    terms.*,
    named.followed_at as replaced_at,
    coalesce(named.followed_at, unnamed.followed_at) as followed_at,
    case
      when terms.known_ended_at is null or terms.term_kind != 'paid' then null
      when named.followed_at is not null then named.renewed_at
      else unnamed.renewed_at
    end as renewed_at
  from terms
  left join named on terms.subscription_id = named.subscription_id
  left join unnamed on terms.subscription_id = unnamed.subscription_id
),

final as (
  select
    subscription_id,
    customer_id,
    source,
    started_at,
    known_ended_at as ended_at,
    renewed_from,
    term_kind,
    change_of,
    monthly_amount,
    case when term_kind = 'paid' then monthly_amount else 0 end as recurring_amount,
    renewed_at,
    -- Within its days of grace an ended term may still be renewed; whose customer is unknown, nobody can say.
    case
      when
        customer_id is not null and term_kind = 'paid' and known_ended_at is not null and renewable_until <= known_until
        and (followed_at is null or followed_at = renewed_at)
        then renewed_at is not null
    end as is_renewed,
    -- Between its end and a late renewal the subscription ran on, as it does for churn. One that names this term takes its
    -- place also before its end: the two are one subscription and never paid for twice.
    case
      when replaced_at is not null then replaced_at
      when renewed_at > known_ended_at then renewed_at
      else known_ended_at
    end as runs_until
  from followed
)

select * from final
