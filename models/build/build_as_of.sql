-- Only what happens between customer and company moves the as-of date: a subscription may end in the future.
with happened as (
  select created_at as happened_at from {{ ref('int_tickets') }}
  union all
  select occurred_at as happened_at from {{ ref('int_ticket_events') }}
  union all
  select started_at as happened_at from {{ ref('int_interactions') }}
  union all
  select responded_at as happened_at from {{ ref('int_survey_responses') }}
  union all
  select ordered_at as happened_at from {{ ref('int_orders') }}
  union all
  select occurred_at as happened_at from {{ ref('int_touchpoint_events') }}
  union all
  select started_at as happened_at from {{ ref('int_help_sessions') }}
),

-- Customers and subscriptions alone place a build in time only when nothing else does.
relationships as (
  select acquired_at as happened_at from {{ ref('int_customers') }}
  union all
  select started_at as happened_at from {{ ref('int_subscriptions') }}
),

bounds as (
  select
    min(happened_at) as first_at,
    max(happened_at) as last_at
  from happened
),

fallback as (
  select
    min(happened_at) as first_at,
    max(happened_at) as last_at
  from relationships
),

final as (
  select
    {{ reporting_date('coalesce(bounds.first_at, fallback.first_at)') }} as starts_on,
    {% if as_of_literal() -%}
      {{ as_of_literal() }}
    {%- else -%}
      coalesce(bounds.last_at, fallback.last_at)
    {%- endif %} as as_of
  from bounds
  cross join fallback
)

select * from final
