-- What a stage has in all is what it has in the segments; only contacts of unknown customers may lie in no segment. Contacts
-- alone can be unknown; what is known of a segment is known of all.
with sums as (
  select
    stage,
    sum(case when segment = 'all' then journeys else -journeys end) as journeys,
    sum(case when segment = 'all' then completed else -completed end) as completed,
    sum(case when segment = 'all' then dropped else -dropped end) as dropped,
    sum(case when segment = 'all' then experience_answers else -experience_answers end) as experience_answers,
    sum(case when segment = 'all' then affected else -affected end) as affected,
    coalesce(sum(case when segment = 'all' then contacts else -contacts end), 0) as contacts,
    sum(case when segment = 'all' then service_answers else -service_answers end) as service_answers,
    -- A sum passes over what is missing.
    sum(
      case
        when
          segment is null
          or journeys is null
          or completed is null
          or dropped is null
          or experience_answers is null
          or affected is null
          or service_answers is null
          then 1
        else 0
      end
    ) as rows_with_a_gap,
    count(case when segment = 'all' then contacts end) as known_in_all,
    max(case when contacts is null then 0 else 1 end) as known_anywhere
  from {{ ref('experience_audit') }}
  group by stage
)

select *
from sums
where
  journeys is distinct from 0
  or completed is distinct from 0
  or dropped is distinct from 0
  or experience_answers is distinct from 0
  or affected is distinct from 0
  or contacts < 0
  or (service_answers >= 0) is not true
  or rows_with_a_gap is distinct from 0
  or known_in_all is distinct from known_anywhere
