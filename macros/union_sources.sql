{# The rows of one canonical entity from every enabled source, with exactly the columns of the calling model's contract.

   entity       one of the canonical entities
   happened_at  the column that says when a row came to be; later rows than the as-of date are left out. Without it
                rows of any time are read, which is for saying what a source records, never for what happened.

   An entity that no enabled source provides is an empty relation with the same columns. #}
{% macro union_sources(entity, happened_at=none) -%}
  {%- set columns = model.get('columns', {}).values() | rejectattr('name', 'equalto', 'source') | list -%}
  {%- set names = columns | map(attribute='name') | join(',\n  ') -%}
  {%- set providers = [] -%}
  {%- for name in enabled_sources() -%}
    {%- if name not in var('source_entities') -%}
      {{ exceptions.raise_compiler_error(
        "Unknown source: " ~ name ~ ". Allowed: " ~ var('source_entities').keys() | join(', ')
        ~ ". A source has a line under source_entities in dbt_project.yml."
      ) }}
    {%- endif -%}
    {%- if entity in var('source_entities')[name] -%}{%- do providers.append(name) -%}{%- endif -%}
  {%- endfor -%}
  {%- for name in providers %}
select
  {{ names or '*' }},
  '{{ name }}' as source
from {{ ref('stg_' ~ name ~ '__' ~ entity) }}
{%- if happened_at %}
{{ up_to_as_of(happened_at) }}
{%- endif %}
{{ 'union all' if not loop.last }}
  {%- else %}
select
    {%- for column in columns %}
  cast(null as {{ type_double() if column.data_type == 'double' else column.data_type }}) as {{ column.name }},
    {%- endfor %}
  cast(null as {{ dbt.type_string() }}) as source
where false
  {%- endfor %}
{%- endmacro %}
