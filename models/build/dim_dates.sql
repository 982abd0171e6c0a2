with bounds as (
  select
    starts_on,
    cast(as_of as date) as ends_on
  from {{ ref('build_as_of') }}
),

final as (
  {{ day_spine('bounds', 'starts_on', 'ends_on') }}
)

select * from final
