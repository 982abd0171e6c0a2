-- Everybody who left is in one stage and one segment, and in all segments together; every contact has one owner or none.
with lens as (
  select
    sum(case when segment = 'all' then churned else 0 end) as churned_in_all,
    sum(case when segment = 'all' then 0 else churned end) as churned_by_segment,
    sum(case when segment = 'all' then satisfied_churned else 0 end) as satisfied_in_all,
    sum(case when segment = 'all' then 0 else satisfied_churned end) as satisfied_by_segment,
    sum(case when segment = 'all' then silent_churned else 0 end) as silent_in_all,
    sum(case when segment = 'all' then 0 else silent_churned end) as silent_by_segment
  from {{ ref('dual_lens') }}
),

listed as (
  select
    count(*) as churned,
    coalesce(sum(case when is_satisfied then 1 else 0 end), 0) as satisfied,
    coalesce(sum(case when is_silent then 1 else 0 end), 0) as silent
  from {{ ref('fct_churned_customers') }}
),

journeys as (
  select
    coalesce(
      sum(case when outcome in ('churned', 'lapsed') and purchased_at is not null then 1 else 0 end), 0
    ) as customers_lost
  from {{ ref('fct_journeys') }}
),

owned as (
  select
    coalesce(sum(contacts), 0) as contacts_owned,
    coalesce(sum(case when is_outside_support is null then contacts else 0 end), 0) as contacts_without_owner
  from {{ ref('contact_ownership') }}
),

tickets as (
  select
    coalesce(sum(case when is_proactive or is_merged then 0 else 1 end), 0) as contacts,
    coalesce(sum(case when is_proactive or is_merged or cause_stage is not null then 0 else 1 end), 0) as contacts_without_cause
  from {{ ref('fct_tickets') }}
),

sums as (
  select
    lens.*,
    listed.*,
    journeys.*,
    owned.*,
    tickets.*
  from lens
  cross join listed
  cross join journeys
  cross join owned
  cross join tickets
)

select *
from sums
where
  (
    churned_in_all = churned
    and churned_by_segment = churned
    and satisfied_in_all = satisfied
    and satisfied_by_segment = satisfied
    and silent_in_all = silent
    and silent_by_segment = silent
    and customers_lost = churned
    and contacts_owned = contacts
    and contacts_without_owner = contacts_without_cause
  ) is not true
