{# The touchpoints of the seed by their spelling without case, blanks, hyphens and underscores, one row each. The inputs
   keep every spelling of a listed label; joined by this one, "Relationship" is the touchpoint relationship and not a
   place that nobody knows. #}
{% macro listed_touchpoints() -%}
select
  {{ folded_label('touchpoint') }} as folded_touchpoint,
  max(touchpoint) as listed_touchpoint
from {{ ref('touchpoints') }}
group by {{ folded_label('touchpoint') }}
{%- endmacro %}

{# A label without case, blanks, hyphens and underscores, as src/cxmetrics/inputs/privacy.py compares labels. #}
{% macro folded_label(label) -%}
replace(replace(replace(lower({{ label }}), ' ', ''), '-', ''), '_', '')
{%- endmacro %}
