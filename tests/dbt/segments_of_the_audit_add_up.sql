-- What a stage has in all is what it has in the segments; only contacts of unknown customers may lie in no segment.
with sums as (
  select
    stage,
    sum(case when segment = 'all' then journeys else -journeys end) as journeys,
    sum(case when segment = 'all' then completed else -completed end) as completed,
    sum(case when segment = 'all' then dropped else -dropped end) as dropped,
    sum(case when segment = 'all' then experience_answers else -experience_answers end) as experience_answers,
    sum(case when segment = 'all' then affected else -affected end) as affected,
    sum(case when segment = 'all' then contacts else -contacts end) as contacts,
    sum(case when segment = 'all' then service_answers else -service_answers end) as service_answers
  from {{ ref('experience_audit') }}
  group by stage
)

select *
from sums
where
  journeys != 0
  or completed != 0
  or dropped != 0
  or experience_answers != 0
  or affected != 0
  or contacts < 0
  or service_answers < 0
