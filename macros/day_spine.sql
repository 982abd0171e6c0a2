{# One row (date_day) for every day from first_on to last_on, two date columns of a relation of one row. #}
{% macro day_spine(relation, first_on, last_on) -%}
  {{ return(adapter.dispatch('day_spine', 'cxmetrics')(relation, first_on, last_on)) }}
{%- endmacro %}

{% macro default__day_spine(relation, first_on, last_on) -%}
  select cast(unnest(generate_series({{ first_on }}, {{ last_on }}, interval '1 day')) as date) as date_day
  from {{ relation }}
{%- endmacro %}

{% macro postgres__day_spine(relation, first_on, last_on) -%}
  select cast(generate_series({{ first_on }}, {{ last_on }}, interval '1 day') as date) as date_day
  from {{ relation }}
{%- endmacro %}

{% macro spark__day_spine(relation, first_on, last_on) -%}
  select explode(sequence({{ first_on }}, {{ last_on }}, interval 1 day)) as date_day
  from {{ relation }}
{%- endmacro %}
