-- The tickets that were open when a month ended: an age is that of one moment, so a month has one picture and no sum.
with states as (
  select
    ticket_id,
    customer_id,
    changed_at as open_from,
    open_change,
    lead(changed_at) over (partition by ticket_id order by changed_at, ticket_change_id) as open_until
  from {{ ref('fct_ticket_changes') }}
),

months as (
  select
    month_on,
    month_ends_at as ends_at
  from {{ ref('int_months') }}
),

final as (
  select
    states.ticket_id || ':' || months.month_on as backlog_ticket_id,
    states.ticket_id,
    states.customer_id,
    months.month_on,
    {{ dbt.datediff('tickets.created_at', 'months.ends_at', 'second') }} / cast(86400 as {{ type_double() }}) as age_days,
    months.ends_at > {{ dbt.dateadd('day', var('aged_backlog_days'), 'tickets.created_at') }} as is_aged
  from states
  inner join months on states.open_from < months.ends_at and coalesce(states.open_until >= months.ends_at, true)
  inner join {{ ref('fct_tickets') }} as tickets on states.ticket_id = tickets.ticket_id
  left join {{ ref('int_source_coverage') }} as coverage on tickets.source = coverage.source
  cross join {{ ref('build_as_of') }} as build
  where
    states.open_change = 1
    -- A month that is not over has no end to look at, nor has one after the last that its source tells of.
    and {{ dbt.dateadd('second', -1, 'months.ends_at') }} <= {{ told_until(['tickets', 'ticket_events']) }}
)

select * from final
