{%- set assigned_by = ['team', 'channel', 'priority'] -%}
with assignments as (
  select
    column_name,
    {{ folded_label('label') }} as label,
    min(schedule) as schedule
  from {{ ref('schedule_assignments') }}
  group by column_name, {{ folded_label('label') }}
),

final as (
  select
    tickets.ticket_id,
    -- The ticket itself knows best, and whoever works on it knows better than the way it came in.
    coalesce(
      tickets.schedule,
      {% for column in assigned_by %}
        by_{{ column }}.schedule,
      {% endfor %}
      '{{ var("business_schedule") }}'
    ) as schedule
  from {{ ref('int_tickets') }} as tickets
  {% for column in assigned_by %}
    left join assignments as by_{{ column }}
      on
        by_{{ column }}.column_name = '{{ column }}'
        and {{ folded_label('tickets.' ~ column) }} = by_{{ column }}.label
  {% endfor %}
)

select * from final
