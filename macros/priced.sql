{# The rows of a relation with currency_rate: what one unit of a row's money is in the reporting currency (variable
   currency), at the rate of the month of its own date. A row without a currency is in the reporting currency. Rows
   without a rate are left out: amounts in two currencies have no sum. #}
{% macro priced(relation, date_column) -%}
  select
    {{ relation }}.*,
    case
      when coalesce({{ relation }}.currency, '{{ var("currency") }}') = '{{ var("currency") }}'
        then cast(1 as {{ type_double() }})
      else cast(rates.rate as {{ type_double() }})
    end as currency_rate
  from {{ relation }}
  left join {{ ref('currency_rates') }} as rates
    on
      {{ relation }}.currency = rates.currency
      and cast({{ dbt.date_trunc('month', relation ~ '.' ~ date_column) }} as date) = rates.month
  where
    coalesce({{ relation }}.currency, '{{ var("currency") }}') = '{{ var("currency") }}'
    or rates.rate is not null
{%- endmacro %}
