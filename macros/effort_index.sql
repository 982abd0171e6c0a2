{# The effort index, 0 to the cap of the seed effort_weights: the sum of the parts times their weights.

   parts    the parts to add, columns of `amounts` named as in the seed
   amounts  alias of the relation that has them
   weights  alias of int_effort_weights

   Null when a part is unknown. A part with the weight 0 is not asked for, so it may be unknown. #}
{% macro effort_index(parts, amounts, weights='weights') -%}
  {%- set terms = [] -%}
  {%- for part in parts -%}
    {%- do terms.append(
      'case when ' ~ weights ~ '.' ~ part ~ ' = 0 then 0 else ' ~ weights ~ '.' ~ part ~ ' * ' ~ amounts ~ '.' ~ part ~ ' end'
    ) -%}
  {%- endfor -%}
  {%- set points = '(\n      ' ~ terms | join('\n      + ') ~ '\n    )' -%}
  {# Not least(): it answers with the cap when the sum is null. -#}
  case
    when {{ points }} > {{ weights }}.cap then {{ weights }}.cap
    else {{ points }}
  end
{%- endmacro %}
