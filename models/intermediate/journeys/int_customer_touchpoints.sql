-- Whatever shows that a known customer and the company met, with the journey stage it belongs to. Whether these events
-- make a journey, and which one, is said in int_journey_events.
with events as (
  select
    'touchpoint_event' as event_kind,
    events.touchpoint_event_id as subject_id,
    events.customer_id,
    events.source,
    events.occurred_at,
    touchpoints.journey_stage as stage,
    coalesce(touchpoints.is_first_value, false) as is_first_value,
    coalesce(events.is_proactive, false) as is_proactive
  from {{ ref('int_touchpoint_events') }} as events
  left join {{ ref('touchpoints') }} as touchpoints on events.touchpoint = touchpoints.touchpoint
  union all
  select
    'order' as event_kind,
    order_id as subject_id,
    customer_id,
    source,
    ordered_at as occurred_at,
    'purchase' as stage,
    false as is_first_value,
    false as is_proactive
  from {{ ref('int_purchases') }}
  union all
  select
    event_kind,
    subscription_id as subject_id,
    customer_id,
    source,
    occurred_at,
    stage,
    false as is_first_value,
    false as is_proactive
  from {{ ref('int_subscription_events') }}
  union all
  select
    'ticket' as event_kind,
    ticket_id as subject_id,
    customer_id,
    source,
    created_at as occurred_at,
    'service' as stage,
    false as is_first_value,
    not is_opened_by_customer as is_proactive
  from {{ ref('int_ticket_causes') }}
  union all
  -- An interaction on a ticket is known by its ticket.
  select
    'interaction' as event_kind,
    interaction_id as subject_id,
    customer_id,
    source,
    started_at as occurred_at,
    'service' as stage,
    false as is_first_value,
    false as is_proactive
  from {{ ref('int_interactions') }}
  where ticket_id is null
  union all
  select
    'help_session' as event_kind,
    help_session_id as subject_id,
    customer_id,
    source,
    started_at as occurred_at,
    'service' as stage,
    false as is_first_value,
    false as is_proactive
  from {{ ref('int_help_sessions') }}
  union all
  -- Who answers tells of a stage and does not enter it: of those who were there, few are asked and fewer answer.
  select
    'survey_answer' as event_kind,
    response_id as subject_id,
    customer_id,
    source,
    responded_at as occurred_at,
    cast(null as {{ dbt.type_string() }}) as stage,
    false as is_first_value,
    false as is_proactive
  from {{ ref('int_survey_responses') }}
  union all
  select
    'referral' as event_kind,
    referral_id as subject_id,
    referrer_customer_id as customer_id,
    source,
    referred_at as occurred_at,
    'advocacy' as stage,
    false as is_first_value,
    false as is_proactive
  from {{ ref('int_referrals') }}
),

final as (
  select
    events.event_kind || ':' || events.subject_id as event_id,
    events.*
  from events
  cross join {{ ref('build_as_of') }} as build
  where events.customer_id is not null and events.occurred_at <= build.as_of
)

select * from final
