{# Until when it is known whether something happened: the as-of date, or the end of the first of `tables` that its source
   tells no longer. `coverage` is the alias of int_source_coverage, `as_of` the column with the as-of date. #}
{% macro told_until(tables, coverage='coverage', as_of='build.as_of') -%}
  {%- set ends = [] -%}
  {%- for table in tables -%}
    {%- do ends.append('coalesce(' ~ coverage ~ '.' ~ table ~ '_until, ' ~ as_of ~ ')') -%}
  {%- endfor -%}
  {{ ends[0] if ends | length == 1 else 'least(' ~ ends | join(', ') ~ ')' }}
{%- endmacro %}
