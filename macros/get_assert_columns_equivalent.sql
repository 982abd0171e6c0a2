{# What a contract compares a model with, which is also what its table is created from. PostgreSQL has no type called
   double: there it is double precision. #}
{% macro postgres__get_assert_columns_equivalent(sql) -%}
  {%- for column in model['columns'].values() if column.get('data_type') == 'double' -%}
    {%- do column.update({'data_type': type_double() | trim}) -%}
  {%- endfor -%}
  {{ return(assert_columns_equivalent(sql)) }}
{%- endmacro %}
