{# The variable delivered_until as a list of (source, table, date); what names no source, table or date is an error. #}
{% macro delivered_until(tables) -%}
  {%- set found = [] -%}
  {%- for source, ends in (var('delivered_until') or {}).items() -%}
    {%- if source not in var('source_entities') -%}
      {{ exceptions.raise_compiler_error(
        "The variable delivered_until names an unknown source: " ~ source ~ ". Allowed: "
        ~ var('source_entities').keys() | join(', ')
      ) }}
    {%- endif -%}
    {%- for table, until in ends.items() -%}
      {%- if table not in tables -%}
        {{ exceptions.raise_compiler_error(
          "The variable delivered_until names no table of " ~ source ~ ": " ~ table ~ ". Allowed: " ~ tables | join(', ')
        ) }}
      {%- elif not modules.re.fullmatch('\d{4}-\d{2}-\d{2}', until | string) -%}
        {{ exceptions.raise_compiler_error(
          "The variable delivered_until takes dates like 2026-06-30; got for " ~ source ~ "." ~ table ~ ": " ~ until
        ) }}
      {%- endif -%}
      {%- do found.append((source, table, until | string)) -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(found) }}
{%- endmacro %}
