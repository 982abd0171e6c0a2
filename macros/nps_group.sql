{# Who answers 9 or 10 promotes, 7 or 8 is passive, and anything lower detracts, whether the scale begins at 0 or at 1. #}
{% macro nps_group(score) -%}
  case
    when {{ score }} >= 9 then 'promoter'
    when {{ score }} >= 7 then 'passive'
    when {{ score }} < 7 then 'detractor'
  end
{%- endmacro %}
