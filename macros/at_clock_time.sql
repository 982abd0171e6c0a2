{# The timestamp of a date at a wall-clock time 'HH:MM'; '24:00' is the start of the next day. #}
{% macro at_clock_time(date, clock_time) -%}
  {%- set minutes -%}
    cast(substring({{ clock_time }}, 1, 2) as integer) * 60 + cast(substring({{ clock_time }}, 4, 2) as integer)
  {%- endset -%}
  {{ dbt.dateadd('minute', minutes, 'cast(' ~ date ~ ' as timestamp)') }}
{%- endmacro %}
