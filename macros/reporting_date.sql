{# The date that a UTC timestamp has in the reporting time zone. #}
{% macro reporting_date(utc_timestamp) -%}
  {%- if reporting_timezone() == 'UTC' -%}
    cast({{ utc_timestamp }} as date)
  {%- else -%}
    {{ utc_to_local_date(utc_timestamp, dbt.string_literal(reporting_timezone())) }}
  {%- endif -%}
{%- endmacro %}

{# The first moment of a reporting date, as UTC. Where clocks are put back over midnight, a day has it twice: engines differ
   in which of the two they take, so the hour before is looked at. #}
{% macro reporting_day_starts_at(date) -%}
  {%- if reporting_timezone() == 'UTC' -%}
    cast({{ date }} as timestamp)
  {%- else -%}
    {%- set midnight = local_to_utc('cast(' ~ date ~ ' as timestamp)', dbt.string_literal(reporting_timezone())) -%}
    {%- set hour_before = dbt.dateadd('hour', -1, midnight) -%}
    case when {{ reporting_date(hour_before) }} = {{ date }} then {{ hour_before }} else {{ midnight }} end
  {%- endif -%}
{%- endmacro %}

{# The first day of the month that a UTC timestamp lies in. #}
{% macro reporting_month(utc_timestamp) -%}
  cast({{ dbt.date_trunc('month', reporting_date(utc_timestamp)) }} as date)
{%- endmacro %}
