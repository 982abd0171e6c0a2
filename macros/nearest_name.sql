{# The name that shares the most pairs of neighbouring letters with what was got, longer names with fewer of them last: for
   errors. dbt's Jinja has no difflib. #}
{% macro nearest_name(got, names) -%}
  {%- set best = namespace(name=names[0], share=-1) -%}
  {%- set wanted = letter_pairs(got) -%}
  {%- for name in names -%}
    {%- set pairs = letter_pairs(name) -%}
    {%- set share = 2 * set(wanted).intersection(pairs) | length / ((wanted | length + pairs | length) or 1) -%}
    {%- if share > best.share -%}
      {%- set best.name = name -%}
      {%- set best.share = share -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(best.name) }}
{%- endmacro %}

{% macro letter_pairs(text) -%}
  {%- set letters = modules.re.sub('[^a-z0-9]', '', text | lower) -%}
  {%- set pairs = [] -%}
  {%- for i in range(letters | length - 1) -%}
    {%- do pairs.append(letters[i:i + 2]) -%}
  {%- endfor -%}
  {{ return(pairs) }}
{%- endmacro %}
