-- The time at risk by calendar month, each month in its stratum: the segment and the months since the relationship began,
-- one by one for two years and then by the month of the year, since yearly terms end where they began.
with parts as (
  select
    relationships.cycle_id,
    relationships.customer_id,
    relationships.segment,
    months.month_on,
    relationships.left_at,
    {{ dbt.datediff(dbt.date_trunc('month', 'relationships.tenure_from'), 'months.month_starts_at', 'month') }}
      as tenure_months,
    greatest(relationships.at_risk_from, months.month_starts_at) as starts_at,
    least(relationships.at_risk_until, months.month_ends_at) as ends_at
  from {{ ref('int_audit_relationships') }} as relationships
  inner join {{ ref('int_customer_active_months') }} as months
    on
      relationships.customer_id = months.customer_id
      and relationships.at_risk_from < months.month_ends_at
      and relationships.at_risk_until > months.month_starts_at
),

final as (
  select
    cycle_id || ':' || month_on as audit_month_id,
    cycle_id,
    customer_id,
    segment,
    cast(case when tenure_months < 24 then tenure_months else 24 + tenure_months % 12 end as bigint) as tenure_band,
    month_on,
    starts_at,
    ends_at,
    {{ dbt.datediff('starts_at', 'ends_at', 'second') }} as seconds,
    case when left_at > starts_at and left_at <= ends_at then 1 else 0 end as leavers
  from parts
)

select * from final
