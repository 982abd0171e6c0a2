{# The rows of a seed on Spark, as literals: dbt-spark writes an empty cell as the text 'None', and a backslash at the end
   of a cell would let the next one be SQL. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
  {%- set types = model['config'].get('column_types', {}) -%}
  {%- set sql %}
    insert into {{ this }} values
    {%- for row in agate_table.rows %}
      (
      {%- for name in agate_table.column_names -%}
        {%- set cell = row[name] -%}
        {%- set text = 'null' if cell is none else dbt.string_literal(dbt.escape_single_quotes(cell | string | replace('\\', '\\\\'))) -%}
        cast({{ text }} as {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }})
        {{- ', ' if not loop.last }}
      {%- endfor -%}
      ){{ ',' if not loop.last }}
    {%- endfor %}
  {%- endset -%}
  {%- if agate_table.rows | length -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
  {%- endif -%}
  {{ return(sql) }}
{%- endmacro %}
