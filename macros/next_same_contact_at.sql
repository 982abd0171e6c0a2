{# When the same customer next opened a ticket for the same reason, whatever became of it; for a relation with the columns
   of int_tickets. A ticket the company opened is nobody's return. #}
{% macro next_same_contact_at() -%}
  min(case when not coalesce(is_proactive, false) then created_at end) over (
    partition by customer_id, contact_reason
    order by created_at, ticket_id
    rows between 1 following and unbounded following
  )
{%- endmacro %}
