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

{% macro snowflake__day_spine(relation, first_on, last_on) -%}
  select dateadd(day, steps.value, {{ first_on }}) as date_day
  from {{ relation }},
    lateral flatten(input => array_generate_range(0, datediff(day, {{ first_on }}, {{ last_on }}) + 1)) as steps
{%- endmacro %}

{% macro bigquery__day_spine(relation, first_on, last_on) -%}
  select date_day
  from {{ relation }}
  cross join unnest(generate_date_array({{ first_on }}, {{ last_on }})) as date_day
{%- endmacro %}
