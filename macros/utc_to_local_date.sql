{# The date of a UTC timestamp in a named time zone. #}
{% macro utc_to_local_date(utc_timestamp, time_zone) -%}
  {{ return(adapter.dispatch('utc_to_local_date', 'cxmetrics')(utc_timestamp, time_zone)) }}
{%- endmacro %}

{% macro default__utc_to_local_date(utc_timestamp, time_zone) -%}
  cast((({{ utc_timestamp }}) at time zone 'UTC') at time zone {{ time_zone }} as date)
{%- endmacro %}

{% macro spark__utc_to_local_date(utc_timestamp, time_zone) -%}
  cast(from_utc_timestamp({{ utc_timestamp }}, {{ time_zone }}) as date)
{%- endmacro %}

{% macro snowflake__utc_to_local_date(utc_timestamp, time_zone) -%}
  cast(convert_timezone('UTC', {{ time_zone }}, {{ utc_timestamp }}) as date)
{%- endmacro %}

{% macro bigquery__utc_to_local_date(utc_timestamp, time_zone) -%}
  date({{ utc_timestamp }}, {{ time_zone }})
{%- endmacro %}
