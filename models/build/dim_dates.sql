with bounds as (
  select
    starts_on,
    {{ reporting_date('as_of') }} as ends_on
  from {{ ref('build_as_of') }}
),

days as (
  {{ day_spine('bounds', 'starts_on', 'ends_on') }}
),

placed as (
  select
    date_day,
    cast({{ dbt.dateadd('day', 1, 'date_day') }} as date) as next_day,
    cast(mod(cast({{ iso_weekday('date_day') }} as integer) + 7 - {{ week_start() }}, 7) as integer) as days_into_week
  from days
),

final as (
  select
    date_day,
    cast({{ dbt.dateadd('day', '-days_into_week', 'date_day') }} as date) as week_on,
    {{ reporting_day_starts_at('date_day') }} as day_starts_at,
    {{ reporting_day_starts_at('next_day') }} as day_ends_at
  from placed
)

select * from final
