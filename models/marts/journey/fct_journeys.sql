with cycles as (
  select * from {{ ref('int_customer_cycles') }}
),

contacts as (
  select
    cycles.cycle_id,
    count(*) as contacts,
    sum(case when tickets.is_avoidable then 1 else 0 end) as avoidable_contacts
  from cycles
  inner join {{ ref('fct_tickets') }} as tickets
    on
      cycles.customer_id = tickets.customer_id
      and cycles.started_at <= tickets.created_at
      and (cycles.ended_at is null or cycles.ended_at > tickets.created_at)
      and not coalesce(tickets.is_proactive, false)
  group by cycles.cycle_id
),

orders as (
  select
    cycles.cycle_id,
    sum(orders.amount) as revenue
  from cycles
  inner join {{ ref('fct_orders') }} as orders
    on
      cycles.customer_id = orders.customer_id
      and cycles.started_at <= orders.ordered_at
      and (cycles.ended_at is null or cycles.ended_at > orders.ordered_at)
  group by cycles.cycle_id
),

final as (
  select
    cycles.cycle_id as journey_id,
    cycles.customer_id,
    cycles.cycle_number as customer_journey_number,
    cycles.started_at,
    cycles.ended_at,
    cycles.outcome,
    cast(coalesce(contacts.contacts, 0) as bigint) as contacts,
    cast(coalesce(contacts.avoidable_contacts, 0) as bigint) as avoidable_contacts,
    cast(coalesce(orders.revenue, 0) as {{ type_double() }}) as revenue
  from cycles
  left join contacts on cycles.cycle_id = contacts.cycle_id
  left join orders on cycles.cycle_id = orders.cycle_id
)

select * from final
