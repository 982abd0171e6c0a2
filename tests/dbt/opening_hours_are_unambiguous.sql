-- Minutes that two stretches of one schedule share would count twice, and a schedule has one wall clock.
select
  one.schedule,
  one.weekday,
  one.opens_at,
  other.opens_at as other_opens_at
from {{ ref('business_hours') }} as one
inner join {{ ref('business_hours') }} as other on one.schedule is not distinct from other.schedule
where
  one.schedule is null
  or one.time_zone is null
  or one.time_zone is distinct from other.time_zone
  or (
    one.weekday = other.weekday
    and one.opens_at < other.closes_at
    and other.opens_at < one.closes_at
    and (one.opens_at is distinct from other.opens_at or one.closes_at is distinct from other.closes_at)
  )
