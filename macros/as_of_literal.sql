{# The as-of variable as a timestamp, '' when it is not set. A date means the end of that day in the reporting time
   zone. #}
{% macro as_of_literal() -%}
  {%- set as_of = var('as_of') | string -%}
  {%- if as_of and not modules.re.fullmatch('\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?', as_of) -%}
    {{ exceptions.raise_compiler_error(
      "The variable as_of must be a date or a UTC timestamp like 2026-06-30 or 2026-06-30 17:00:00; got: " ~ as_of
    ) }}
  {%- endif -%}
  {%- if as_of | length > 10 -%}
    cast('{{ as_of | replace("T", " ") }}' as timestamp)
  {%- elif as_of and reporting_timezone() == 'UTC' -%}
    cast('{{ as_of }} 23:59:59.999999' as timestamp)
  {%- elif as_of -%}
    {%- set next_day = modules.datetime.datetime.strptime(as_of, '%Y-%m-%d') + modules.datetime.timedelta(days=1) -%}
    {{ dbt.dateadd('microsecond', -1, reporting_day_starts_at("cast('" ~ next_day.date() ~ "' as date)")) }}
  {%- endif -%}
{%- endmacro %}
