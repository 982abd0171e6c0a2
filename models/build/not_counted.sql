-- What came in and is in no metric, or in fewer than its name promises, by the value that is to blame; and what counts as
-- it stands although it looks like something that its source has a way to declare.
with terms as (
  select
    terms.source,
    terms.monthly_amount,
    terms.started_at,
    terms.ended_at,
    terms.renewed_at,
    terms.is_renewed,
    lead(terms.started_at) over (partition by terms.customer_id order by terms.started_at) as next_started_at,
    lead(terms.monthly_amount) over (partition by terms.customer_id order by terms.started_at) as next_amount
  from {{ ref('int_subscription_terms') }} as terms
  where terms.customer_id is not null and terms.term_kind = 'paid' and terms.change_of is null
),

look_alikes as (
  select
    source,
    case
      -- Whoever buys after it was no customer who renewed, and whoever does not was none who left.
      when monthly_amount = 0 and ended_at < {{ dbt.dateadd('day', 45, 'started_at') }} then 'may_be_a_trial'
      when
        not is_renewed
        and next_started_at > ended_at
        and next_started_at <= {{ dbt.dateadd('day', var('pause_days'), 'ended_at') }}
        then 'may_be_a_pause'
      -- Another price from the end on, by more than prices rise, and the end on no day on which its months end.
      when
        renewed_at = next_started_at
        and abs(next_amount - monthly_amount) > 0.1 * monthly_amount
        and abs(extract(day from ended_at) - extract(day from started_at)) between 4 and 26
        then 'may_be_a_change_of_plan'
    end as reason
  from terms
),

-- Those of whom anything tells when they were customers.
customers as (
  select distinct
    source,
    customer_id
  from {{ ref('int_customer_cycles') }}
),

sources_with_customers as (
  select distinct source from customers
),

counted as (
  select
    events.source,
    cast('touchpoint_events' as {{ dbt.type_string() }}) as table_name,
    cast('unknown_touchpoint' as {{ dbt.type_string() }}) as reason,
    events.touchpoint as example
  from {{ ref('int_touchpoint_events') }} as events
  left join {{ ref('touchpoints') }} as touchpoints on events.touchpoint = touchpoints.touchpoint
  where events.touchpoint is not null and touchpoints.touchpoint is null
  union all
  select
    answers.source,
    'survey_responses' as table_name,
    'unknown_touchpoint' as reason,
    answers.touchpoint as example
  from {{ ref('int_survey_answers') }} as answers
  left join {{ ref('touchpoints') }} as touchpoints on answers.touchpoint = touchpoints.touchpoint
  where answers.touchpoint is not null and touchpoints.touchpoint is null
  union all
  select
    source,
    'survey_responses' as table_name,
    'nps_on_another_scale' as reason,
    cast(cast(scale_min as integer) as {{ dbt.type_string() }})
    || ' to ' || cast(cast(scale_max as integer) as {{ dbt.type_string() }}) as example
  from {{ ref('int_survey_answers') }}
  where survey_type = 'nps' and scale_share is not null and not (scale_min = 0 and scale_max = 10)
    -- What is asked about the relationship on 1 to 10 has a metric of its own.
    and not (scope = 'relationship' and scale_min = 1 and scale_max = 10)
  union all
  select
    responses.source,
    'survey_responses' as table_name,
    'answered_again' as reason,
    cast(null as {{ dbt.type_string() }}) as example
  from {{ ref('int_survey_responses') }} as responses
  left join {{ ref('int_survey_answers') }} as answers on responses.response_id = answers.response_id
  where answers.response_id is null
  union all
  select
    source,
    'subscriptions' as table_name,
    reason,
    cast(null as {{ dbt.type_string() }}) as example
  from look_alikes
  where reason is not null
  union all
  select
    tickets.source,
    'tickets' as table_name,
    'ticket_of_no_customer' as reason,
    cast(null as {{ dbt.type_string() }}) as example
  from {{ ref('int_tickets') }} as tickets
  inner join sources_with_customers on tickets.source = sources_with_customers.source
  left join customers on tickets.customer_id = customers.customer_id
  where customers.customer_id is null
  union all
  select
    tickets.source,
    'tickets' as table_name,
    'closed_without_solution' as reason,
    cast(null as {{ dbt.type_string() }}) as example
  from {{ ref('int_ticket_lifecycle') }} as lifecycle
  inner join {{ ref('int_tickets') }} as tickets on lifecycle.ticket_id = tickets.ticket_id
  where lifecycle.status = 'closed' and lifecycle.last_solved_at is null and not lifecycle.is_merged
  union all
  select
    source,
    'tickets' as table_name,
    case when contact_reason is null then 'contact_without_reason' else 'unknown_contact_reason' end as reason,
    contact_reason as example
  from {{ ref('int_contacts') }}
  where cause_stage is null
  union all
  select
    source,
    'vendor_scores' as table_name,
    'unknown_score_name' as reason,
    score_name as example
  from {{ ref('int_vendor_scores') }}
  where score_name not in ('tethr_effort_index', 'tethr_agent_impact_score')
),

by_value as (
  select
    source,
    table_name,
    reason,
    example,
    count(*) as counted_rows,
    row_number() over (
      partition by source, table_name, reason order by count(*) desc, example
    ) as value_number
  from counted
  group by source, table_name, reason, example
),

-- A column may hold as many values as rows: the most frequent ones say enough.
final as (
  select
    source,
    table_name,
    reason,
    cast(sum(counted_rows) as bigint) as row_count,
    cast(count(*) as bigint) as values_pooled,
    case when value_number <= 10 then example end as example,
    cast(null as {{ dbt.type_string() }}) as nearest_name
  from by_value
  group by
    source,
    table_name,
    reason,
    case when value_number <= 10 then example end,
    case when value_number <= 10 then value_number else 11 end
)

select * from final
