with active_months as (
  select
    cycles.customer_id,
    cycles.source,
    months.month_on,
    months.month_starts_at,
    months.month_ends_at,
    months.is_complete,
    -- Several cycles can touch one month: a customer who left and came back within it was kept.
    max(
      case when cycles.started_at <= months.month_starts_at then 1 else 0 end
    ) = 1 as is_active_at_start,
    max(
      case when cycles.ended_at is null or cycles.ended_at > months.month_ends_at then 1 else 0 end
    ) = 1 as is_active_at_end,
    max(cycles.ended_at) as last_ended_at
  from {{ ref('int_customer_cycles') }} as cycles
  inner join {{ ref('int_months') }} as months
    on
      cycles.started_at < months.month_ends_at
      and (cycles.ended_at is null or cycles.ended_at > months.month_starts_at)
  group by
    cycles.customer_id, cycles.source, months.month_on, months.month_starts_at, months.month_ends_at, months.is_complete
),

final as (
  select
    active_months.customer_id,
    active_months.source,
    active_months.month_on,
    active_months.month_starts_at,
    active_months.month_ends_at,
    active_months.is_complete,
    active_months.is_active_at_start,
    active_months.is_active_at_end,
    active_months.is_active_at_start and active_months.is_active_at_end as is_retained,
    active_months.is_active_at_start and not active_months.is_active_at_end as is_churned,
    case
      when active_months.is_active_at_start and not active_months.is_active_at_end then active_months.last_ended_at
    end as left_at
  from active_months
)

select * from final
