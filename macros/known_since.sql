{# A query with the moment from which each source tells of something: before it, nothing told does not mean nothing
   happened. A source that never told has no row. #}
{% macro known_since(relation, moment) -%}
  select
    source,
    min({{ moment }}) as since
  from {{ relation }}
  group by source
{%- endmacro %}
