-- Significance is judged over all rows with enough behind them together (Y. Benjamini and Y. Hochberg, 1995): a stage
-- that looks bad in one segment of many is no finding of its own.
with tested as (
  select
    *,
    case
      when
        affected >= {{ var('audit_min_affected') }}
        and unaffected >= {{ var('audit_min_affected') }}
        and expected_churned >= {{ var('audit_min_churned') }}
        then {{ normal_tail('deviate') }}
    end as p_value
  from {{ ref('int_audit_churn') }}
),

ranked as (
  select
    *,
    row_number() over (order by p_value nulls last, stage, segment) as p_value_rank,
    count(p_value) over () as tests
  from tested
),

with_q_values as (
  select
    *,
    case
      when p_value is not null
        then
          least(
            -- The quotient first: it is 1 for the last, whose q must not be rounded below its p.
            min(p_value * (tests / cast(p_value_rank as {{ type_double() }}))) over (
              order by p_value_rank rows between current row and unbounded following
            ), 1
          )
    end as q_value
  from ranked
),

final as (
  select
    stage,
    segment,
    p_value,
    q_value,
    -- That fewer leave is no failure, however certain it is.
    coalesce(q_value <= {{ var('audit_false_discovery_rate') }} and deviate > 0, false) as is_significant
  from with_q_values
)

select * from final
