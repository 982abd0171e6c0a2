{#- What a survey asks about: the scope of its touchpoint. A survey that names no touchpoint we know asks about its
    ticket if it has one; without both it asks about the whole relationship. -#}
{% macro survey_scope(known_scope, ticket_id, touchpoint) -%}
case
  when {{ known_scope }} is not null then {{ known_scope }}
  when {{ ticket_id }} is not null then 'service_touchpoint'
  when {{ touchpoint }} is not null then 'touchpoint'
  else 'relationship'
end
{%- endmacro %}
