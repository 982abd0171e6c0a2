{# The as-of variable as a timestamp, '' when it is not set. A date means the end of that day. #}
{% macro as_of_literal() -%}
  {%- set as_of = var('as_of') | string -%}
  {%- if as_of and not modules.re.fullmatch('\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?', as_of) -%}
    {{ exceptions.raise_compiler_error(
      "The variable as_of must be a UTC date or timestamp like 2026-06-30 or 2026-06-30 17:00:00; got: " ~ as_of
    ) }}
  {%- endif -%}
  {%- if as_of -%}
    cast('{{ as_of | replace("T", " ") if as_of | length > 10 else as_of ~ " 23:59:59.999999" }}' as timestamp)
  {%- endif -%}
{%- endmacro %}
