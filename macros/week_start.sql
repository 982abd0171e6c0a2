{# The variable week_starts_on as a number: 1 for Monday to 7 for Sunday. #}
{% macro week_start() -%}
  {%- set days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] -%}
  {%- set name = var('week_starts_on') -%}
  {%- if name not in days -%}
    {{ exceptions.raise_compiler_error(
      "The variable week_starts_on must be a day of the week; got: " ~ name ~ ". Allowed: " ~ days | join(', ')
      ~ ". Nearest: " ~ nearest_name(name | string, days)
    ) }}
  {%- endif -%}
  {{ return(days.index(name) + 1) }}
{%- endmacro %}
