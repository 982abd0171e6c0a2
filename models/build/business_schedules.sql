with used as (
  select
    schedule,
    count(*) as tickets
  from {{ ref('int_ticket_schedules') }}
  group by schedule
),

zones as (
  select
    schedule,
    min(time_zone) as time_zone
  from {{ ref('business_hours') }}
  group by schedule
),

closed as (
  select
    schedule,
    max(holiday_on) as last_holiday_on
  from {{ ref('holidays') }}
  group by schedule
),

final as (
  select
    cast(used.schedule as {{ dbt.type_string() }}) as schedule,
    cast(zones.time_zone as {{ dbt.type_string() }}) as time_zone,
    cast(used.tickets as {{ dbt.type_bigint() }}) as tickets,
    cast(closed.last_holiday_on as date) as last_holiday_on,
    coalesce(cast(closed.last_holiday_on as date) < {{ reporting_date('build.as_of') }}, false) as is_without_later_holidays
  from used
  inner join zones on used.schedule = zones.schedule
  left join closed on used.schedule = closed.schedule
  cross join {{ ref('build_as_of') }} as build
)

select * from final
