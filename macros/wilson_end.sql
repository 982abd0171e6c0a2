{# An end of Wilson's 95 % interval of a share; sign is '-' for the lower and '+' for the upper one. Null without a trial.
   The same as wilson() in src/cxmetrics/measure/intervals.py, which dbt cannot call; a test compares them. #}
{% macro wilson_end(successes, trials, sign) -%}
  {%- set z_squared = 1.959964 ** 2 -%}
  (
    {{ successes }} + {{ z_squared / 2 }}
    {{ sign }} {{ 1.959964 }} * sqrt(
      greatest({{ successes }} * ({{ trials }} - {{ successes }}) / nullif(cast({{ trials }} as {{ type_double() }}), 0), 0)
      + {{ z_squared / 4 }}
    )
  ) / (nullif({{ trials }}, 0) + {{ z_squared }})
{%- endmacro %}
