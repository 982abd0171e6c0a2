{# The variable reporting_timezone, which has to be a name of the IANA time zone database. #}
{% macro reporting_timezone() -%}
  {%- set name = var('reporting_timezone') -%}
  {%- if name not in modules.pytz.all_timezones_set -%}
    {{ exceptions.raise_compiler_error(
      "The variable reporting_timezone must be a name of the IANA time zone database like UTC or Europe/Berlin; got: "
      ~ name ~ ". Nearest: " ~ nearest_name(name | string, modules.pytz.all_timezones)
    ) }}
  {%- endif -%}
  {{ return(name) }}
{%- endmacro %}
