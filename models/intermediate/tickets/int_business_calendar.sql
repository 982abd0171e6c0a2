-- Open time of every schedule, cut at UTC midnight, so that a timestamp finds its day by an equality join. Opening
-- times are local wall-clock times: converting them day by day puts daylight saving time where it belongs.
with bounds as (
  select
    cast({{ dbt.dateadd('day', -2, reporting_day_starts_at('starts_on')) }} as date) as first_on,
    cast({{ dbt.dateadd('day', 2, 'as_of') }} as date) as last_on
  from {{ ref('build_as_of') }}
),

days as (
  {{ day_spine('bounds', 'first_on', 'last_on') }}
),

schedules as (
  select distinct schedule
  from {{ ref('business_hours') }}
),

local_windows as (
  select
    business_hours.schedule,
    business_hours.time_zone,
    {{ at_clock_time('days.date_day', 'business_hours.opens_at') }}
      as opens_at,
    {{ at_clock_time('days.date_day', 'business_hours.closes_at') }}
      as closes_at
  from days
  inner join {{ ref('business_hours') }} as business_hours
    on {{ iso_weekday('days.date_day') }} = business_hours.weekday
  left join {{ ref('holidays') }} as holidays
    on business_hours.schedule = holidays.schedule and days.date_day = holidays.holiday_on
  where holidays.holiday_on is null
),

utc_windows as (
  select
    schedule,
    {{ local_to_utc('opens_at', 'time_zone') }} as opens_at,
    {{ local_to_utc('closes_at', 'time_zone') }} as closes_at
  from local_windows
),

utc_days as (
  select
    schedules.schedule,
    days.date_day as utc_on,
    cast(days.date_day as timestamp) as day_starts_at,
    cast({{ dbt.dateadd('day', 1, 'days.date_day') }} as timestamp) as day_ends_at
  from days
  cross join schedules
),

pieces as (
  select
    utc_days.schedule,
    utc_days.utc_on,
    greatest(utc_windows.opens_at, utc_days.day_starts_at) as opens_at,
    least(utc_windows.closes_at, utc_days.day_ends_at) as closes_at
  from utc_days
  inner join utc_windows
    on
      utc_days.schedule = utc_windows.schedule
      and utc_days.day_starts_at < utc_windows.closes_at
      and utc_days.day_ends_at > utc_windows.opens_at
),

-- A day without opening hours is a piece of no length, so that every timestamp finds its day.
with_closed_days as (
  select
    utc_days.schedule,
    utc_days.utc_on,
    coalesce(pieces.opens_at, utc_days.day_starts_at) as opens_at,
    coalesce(pieces.closes_at, utc_days.day_starts_at) as closes_at
  from utc_days
  left join pieces
    on utc_days.schedule = pieces.schedule and utc_days.utc_on = pieces.utc_on
),

measured as (
  select
    *,
    {{ dbt.datediff('opens_at', 'closes_at', 'second') }} as open_seconds
  from with_closed_days
),

final as (
  select
    schedule,
    utc_on,
    opens_at,
    closes_at,
    cast(open_seconds as bigint) as open_seconds,
    cast(
      sum(open_seconds) over (partition by schedule order by utc_on, opens_at rows unbounded preceding)
      - open_seconds as bigint
    ) as open_seconds_before
  from measured
)

select * from final
