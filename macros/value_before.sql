{# What an assignment or transfer of a ticket changed. One that does not say what was before comes after the one before it;
nothing before means the first assignment. #}
{% macro value_before() -%}
  coalesce(
    from_value,
    lag(to_value) over (partition by ticket_id, event_type order by occurred_at, event_id)
  )
{%- endmacro %}
