-- The time at risk by weeks since the relationship began, each week in its stratum: the segment and the week of the first,
-- the second or a later year. Years begin half a week before the day on which the relationship began, so that the end of a
-- yearly term lies within a week. By months, contacts shortly before such an end would seem to bring it about.
{%- set week, year = 604800, 31557600 %}
with numbers as (
  select row_number() over (order by date_day) - 1 as number
  from {{ ref('dim_dates') }}
),

measured as (
  select
    *,
    cast({{ dbt.datediff('tenure_from', 'at_risk_from', 'second') }} + {{ week // 2 }} as bigint) as seconds_from,
    cast({{ dbt.datediff('tenure_from', 'at_risk_until', 'second') }} + {{ week // 2 }} as bigint) as seconds_until
  from {{ ref('int_audit_relationships') }}
),

-- A year has 53 weeks, the last one short.
counted as (
  select
    *,
    floor(seconds_from / {{ year }}.0) * 53 + floor((seconds_from % {{ year }}) / {{ week }}.0) as first_week,
    floor(seconds_until / {{ year }}.0) * 53 + floor((seconds_until % {{ year }}) / {{ week }}.0) as last_week
  from measured
),

numbered as (
  select
    counted.*,
    cast(counted.first_week + numbers.number as bigint) as tenure_week,
    cast(floor((counted.first_week + numbers.number) / 53.0) as bigint) as tenure_year
  from counted
  inner join numbers on counted.last_week - counted.first_week >= numbers.number
),

bounded as (
  select
    *,
    tenure_week - 53 * tenure_year as week_of_year,
    greatest({{ year }} * tenure_year + {{ week }} * (tenure_week - 53 * tenure_year), seconds_from) as week_from,
    least(
      {{ year }} * tenure_year + least({{ week }} * (tenure_week - 53 * tenure_year + 1), {{ year }}), seconds_until
    ) as week_until
  from numbered
),

final as (
  select
    cycle_id || ':' || tenure_week as audit_week_id,
    cycle_id,
    customer_id,
    segment,
    tenure_week,
    53 * least(tenure_year, 2) + week_of_year as tenure_band,
    {{ dbt.dateadd('second', 'cast(week_from - seconds_from as integer)', 'at_risk_from') }} as starts_at,
    case
      when week_until = seconds_until then at_risk_until
      else {{ dbt.dateadd('second', 'cast(week_until - seconds_from as integer)', 'at_risk_from') }}
    end as ends_at,
    week_until - week_from as seconds,
    case when left_at is not null and week_until = seconds_until then 1 else 0 end as churned
  from bounded
  where week_from < week_until
)

select * from final
