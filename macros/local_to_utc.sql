{# A wall-clock timestamp of a named time zone as UTC. #}
{% macro local_to_utc(local_timestamp, time_zone) -%}
  {{ return(adapter.dispatch('local_to_utc', 'cxmetrics')(local_timestamp, time_zone)) }}
{%- endmacro %}

{% macro default__local_to_utc(local_timestamp, time_zone) -%}
  (({{ local_timestamp }}) at time zone {{ time_zone }}) at time zone 'UTC'
{%- endmacro %}

{% macro spark__local_to_utc(local_timestamp, time_zone) -%}
  to_utc_timestamp({{ local_timestamp }}, {{ time_zone }})
{%- endmacro %}

{% macro snowflake__local_to_utc(local_timestamp, time_zone) -%}
  convert_timezone({{ time_zone }}, 'UTC', {{ local_timestamp }})
{%- endmacro %}

{% macro bigquery__local_to_utc(local_timestamp, time_zone) -%}
  timestamp(datetime({{ local_timestamp }}), {{ time_zone }})
{%- endmacro %}
