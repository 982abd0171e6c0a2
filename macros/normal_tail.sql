{# Two-sided p-value of a standard normal deviate, for engines without erfc: W. H. Press and others, Numerical Recipes
   (1992), 6.2, whose fractional error is below 1.2e-7 everywhere. Twelve deviations are the end: beyond, the answer is
   that of twelve, and exp() underflows nowhere. #}
{% macro normal_tail(deviate) -%}
  {%- set far = 'least(abs(' ~ deviate ~ '), 12) / ' ~ 2 ** 0.5 -%}
  {%- set share = '(1 / (1 + 0.5 * ' ~ far ~ '))' -%}
  {%- set coefficients = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
    -1.26551223
  ] -%}
  {%- set polynomial = namespace(sql='0') -%}
  {%- for coefficient in coefficients -%}
    {%- set polynomial.sql = '(' ~ coefficient ~ ' + ' ~ share ~ ' * ' ~ polynomial.sql ~ ')' -%}
  {%- endfor -%}
  {{ share }} * exp({{ polynomial.sql }} - ({{ far }}) * ({{ far }}))
{%- endmacro %}
