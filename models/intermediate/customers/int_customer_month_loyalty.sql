-- Who was failed by service is judged the same days later as who never was: at the last failure of a month begin the days of
-- the one, at the end of the month those of the other. What comes after that moment decides over neither group, so that
-- leaving soon cannot keep anybody from being failed.
with failures as (
  select
    customer_id,
    source,
    failed_at,
    {{ reporting_month('failed_at') }} as month_on
  from {{ ref('int_service_failures') }}
),

-- Who failed twice in a month has to recover from the last time.
failed as (
  select
    customer_id,
    month_on,
    max(failed_at) as watched_from,
    true as is_failed,
    count(*) as failures
  from failures
  where customer_id is not null
  group by customer_id, month_on
),

first_failures as (
  select
    customer_id,
    min(failed_at) as first_failed_at
  from failures
  group by customer_id
),

-- Where a source tells of no failure, nobody is known to have had none.
told as (
  select
    source,
    min(failed_at) as failures_since
  from failures
  group by source
),

unfailed as (
  select
    months.customer_id,
    months.month_on,
    months.month_ends_at as watched_from,
    false as is_failed,
    0 as failures
  from {{ ref('int_customer_active_months') }} as months
  inner join told on months.source = told.source and months.month_ends_at > told.failures_since
  left join first_failures on months.customer_id = first_failures.customer_id
  where
    months.is_active_at_end
    and (first_failures.first_failed_at is null or first_failures.first_failed_at >= months.month_ends_at)
),

both_groups as (
  select * from failed
  union all
  select * from unfailed
),

months as (
  select
    *,
    {{ dbt.dateadd('day', var('recovery_days'), 'watched_from') }} as judged_at
  from both_groups
),

activity as (
  select
    months.customer_id,
    months.month_on,
    max(
      case
        when cycles.started_at <= months.watched_from and (cycles.ended_at is null or cycles.ended_at > months.watched_from)
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
      and months.watched_from < responses.responded_at
      and months.judged_at >= responses.responded_at
  where responses.scope = 'relationship' and responses.nps_group is not null
),

final as (
  select
    months.customer_id || ':' || months.month_on as customer_month_id,
    months.customer_id,
    months.month_on,
    months.is_failed,
    months.watched_from,
    cast(months.failures as bigint) as failures,
    -- Whether the customer was still active is known when the days of grace for a renewal are over too.
    case
      when
        activity.was_active
        and {{ dbt.dateadd('day', var('churn_grace_days'), 'months.judged_at') }} <= build.as_of
        then activity.is_active and coalesce(answers.nps_group != 'detractor', true)
    end as is_loyal
  from months
  cross join {{ ref('build_as_of') }} as build
  left join activity on months.customer_id = activity.customer_id and months.month_on = activity.month_on
  left join answers
    on
      months.customer_id = answers.customer_id
      and months.month_on = answers.month_on
      and answers.answers_from_last = 1
)

select * from final
