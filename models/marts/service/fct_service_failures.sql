-- A failure counts when it happened, not when its ticket was opened: later failures leave earlier months as they are. Only
-- for a breached agreement no moment is known but the opening of the ticket.
with failures as (
  select
    tickets.customer_id,
    changes.changed_at as failed_at
  from {{ ref('int_ticket_status_changes') }} as changes
  inner join {{ ref('int_ticket_causes') }} as tickets on changes.ticket_id = tickets.ticket_id
  where changes.is_reopening and coalesce(changes.changed_at <= tickets.merged_at, true)
  union all
  select
    tickets.customer_id,
    tickets.created_at as failed_at
  from {{ ref('int_tickets') }} as tickets
  inner join {{ ref('int_ticket_causes') }} as causes on tickets.ticket_id = causes.ticket_id
  where not tickets.sla_met and causes.merged_at is null
  union all
  select
    customer_id,
    responded_at as failed_at
  from {{ ref('int_survey_answers') }}
  where scope = 'service_touchpoint' and is_dissatisfied
),

-- Who failed twice in a month has to recover from the last time.
months as (
  select
    customer_id,
    cast({{ dbt.date_trunc('month', 'failed_at') }} as date) as month_on,
    max(failed_at) as failed_at,
    {{ dbt.dateadd('day', var('recovery_days'), 'max(failed_at)') }} as judged_at,
    count(*) as failures
  from failures
  where customer_id is not null
  group by customer_id, cast({{ dbt.date_trunc('month', 'failed_at') }} as date)
),

activity as (
  select
    months.customer_id,
    months.month_on,
    max(
      case
        when cycles.started_at <= months.failed_at and (cycles.ended_at is null or cycles.ended_at > months.failed_at)
          then 1
        else 0
      end
    ) = 1 as was_active,
    max(
      case
        when cycles.started_at <= months.judged_at and (cycles.ended_at is null or cycles.ended_at > months.judged_at)
          then 1
        else 0
      end
    ) = 1 as is_active
  from months
  inner join {{ ref('int_customer_cycles') }} as cycles on months.customer_id = cycles.customer_id
  group by months.customer_id, months.month_on
),

answers as (
  select
    months.customer_id,
    months.month_on,
    responses.nps_group,
    row_number() over (
      partition by months.customer_id, months.month_on
      order by responses.responded_at desc, responses.response_id desc
    ) as answers_from_last
  from months
  inner join {{ ref('int_survey_answers') }} as responses
    on
      months.customer_id = responses.customer_id
      and months.failed_at < responses.responded_at
      and months.judged_at >= responses.responded_at
  where responses.scope = 'relationship' and responses.nps_group is not null
),

final as (
  select
    months.customer_id || ':' || months.month_on as service_failure_id,
    months.customer_id,
    months.month_on,
    months.failed_at,
    cast(months.failures as bigint) as failures,
    -- Whether the customer was still active is known when the days of grace for a renewal are over too.
    case
      when
        activity.was_active
        and {{ dbt.dateadd('day', var('churn_grace_days'), 'months.judged_at') }} <= build.as_of
        then activity.is_active and coalesce(answers.nps_group != 'detractor', true)
    end as is_recovered
  from months
  left join activity on months.customer_id = activity.customer_id and months.month_on = activity.month_on
  left join answers
    on
      months.customer_id = answers.customer_id
      and months.month_on = answers.month_on
      and answers.answers_from_last = 1
  cross join {{ ref('build_as_of') }} as build
)

select * from final
