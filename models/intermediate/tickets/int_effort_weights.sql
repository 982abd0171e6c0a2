with weights as (
  select
    part,
    cast(weight as {{ type_double() }}) / cast(per as {{ type_double() }}) as weight_of_one
  from {{ ref('effort_weights') }}
),

final as (
  select
    max(case when part = 'transfers' then weight_of_one end) as transfers,
    max(case when part = 'reopens' then weight_of_one end) as reopens,
    max(case when part = 'escalations' then weight_of_one end) as escalations,
    max(case when part = 'repeat_contacts' then weight_of_one end) as repeat_contacts,
    max(case when part = 'channel_switches' then weight_of_one end) as channel_switches,
    max(case when part = 'wait_minutes' then weight_of_one end) as wait_minutes,
    max(case when part = 'abandonments' then weight_of_one end) as abandonments,
    max(case when part = 'cap' then weight_of_one end) as cap
  from weights
)

select * from final
