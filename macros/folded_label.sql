{# A label without case, blanks, hyphens and underscores, which make no difference to what it names. #}
{% macro folded_label(label) -%}
  lower(replace(replace(replace({{ label }}, ' ', ''), '-', ''), '_', ''))
{%- endmacro %}
