-- Which journey each event belongs to: the last one that began before it. A relationship (a cycle) is one journey from
-- its start until the days of grace after its end are over. What happens outside is a journey as long as nobody is
-- silent for longer than journey_gap_days; when it leads to a relationship, the two are one journey.
with moments as (
  select
    event_id,
    event_kind,
    subject_id,
    customer_id,
    source,
    occurred_at,
    stage,
    is_first_value,
    is_proactive,
    cast(null as timestamp) as covers_until
  from {{ ref('int_customer_touchpoints') }}
  union all
  select
    'cycle:' || cycle_id as event_id,
    'cycle' as event_kind,
    cycle_id as subject_id,
    customer_id,
    source,
    started_at as occurred_at,
    cast(null as {{ dbt.type_string() }}) as stage,
    false as is_first_value,
    false as is_proactive,
    coalesce({{ dbt.dateadd('day', var('churn_grace_days'), 'ended_at') }}, cast('9999-12-31' as timestamp))
      as covers_until
  from {{ ref('int_customer_cycles') }}
),

with_cover as (
  select
    *,
    -- At one moment the relationship comes first, and what happens then happens in it.
    row_number() over (
      partition by customer_id order by occurred_at, case when event_kind = 'cycle' then 0 else 1 end, event_id
    ) as customer_event_number,
    max(covers_until) over (
      partition by customer_id
      order by occurred_at, case when event_kind = 'cycle' then 0 else 1 end, event_id
      rows between unbounded preceding and 1 preceding
    ) as covered_until
  from moments
),

with_sequels as (
  select
    *,
    -- A referral or an answer after a relationship speaks of that relationship, and what the company sends is no sign
    -- of the customer. They begin nothing and keep nothing alive.
    (event_kind in ('referral', 'survey_answer') and covered_until is not null)
    or (is_proactive and customer_event_number > 1) as is_sequel
  from with_cover
),

with_before as (
  select
    *,
    max(case when not is_sequel then occurred_at end) over (
      partition by customer_id order by customer_event_number rows between unbounded preceding and 1 preceding
    ) as event_before_at
  from with_sequels
),

with_starts as (
  select
    *,
    case
      when is_sequel then 0
      when event_kind != 'cycle' and occurred_at <= covered_until then 0
      when
        (covered_until is null or event_before_at > covered_until)
        and occurred_at <= {{ dbt.dateadd('day', var('journey_gap_days'), 'event_before_at') }} then 0
      else 1
    end as starts
  from with_before
),

numbered as (
  select
    *,
    sum(starts) over (
      partition by customer_id order by customer_event_number rows unbounded preceding
    ) as customer_journey_number
  from with_starts
),

final as (
  select
    event_id,
    event_kind,
    subject_id,
    customer_id,
    source,
    customer_id || ':' || cast(customer_journey_number as {{ dbt.type_string() }}) as journey_id,
    cast(customer_journey_number as bigint) as customer_journey_number,
    occurred_at,
    stage,
    is_first_value,
    is_proactive,
    is_sequel
  from numbered
)

select * from final
