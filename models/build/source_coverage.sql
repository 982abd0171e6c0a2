{#- The tables that tell of what happens, each with the columns that say when; what a table says of the future is not told
    yet. An estimate of a month is told for all of it. -#}
{%- set moments = [
  ('tickets', 'created_at'),
  ('ticket_events', 'occurred_at'),
  ('interactions', 'started_at'),
  ('survey_invitations', 'sent_at'),
  ('survey_responses', 'responded_at'),
  ('subscriptions', 'started_at'),
  ('subscriptions', 'ended_at'),
  ('orders', 'ordered_at'),
  ('category_spend', 'month'),
  ('category_spend', dbt.dateadd('day', -1, dbt.dateadd('month', 1, 'cast(month as timestamp)'))),
  ('touchpoint_events', 'occurred_at'),
  ('referrals', 'referred_at'),
  ('help_sessions', 'started_at'),
  ('vendor_scores', 'scored_at'),
] -%}
{%- set declared = delivered_until(moments | map(attribute=0) | unique | list) -%}
with build as (
  select
    starts_on,
    {{ reporting_date('as_of') }} as as_of_on
  from {{ ref('build_as_of') }}
),

told as (
  {% for table, moment in moments -%}
    select
      source,
      '{{ table }}' as table_name,
      {{ 'cast(' ~ moment ~ ' as date)' if table == 'category_spend' else reporting_date(moment) }} as told_on
    from {{ ref('int_' ~ table) }}
    {% if not loop.last -%} union all {%- endif %}
  {% endfor %}
),

days as (
  select
    told.source,
    told.table_name,
    told.told_on
  from told
  cross join build
  where told.told_on <= build.as_of_on
  group by told.source, told.table_name, told.told_on
),

with_gaps as (
  select
    *,
    {{ dbt.datediff(
      'lag(told_on) over (partition by source, table_name order by told_on)', 'told_on', 'day'
    ) }} as gap_days
  from days
),

by_table as (
  select
    source,
    table_name,
    count(*) as days_told,
    min(told_on) as first_told_on,
    max(told_on) as last_told_on,
    coalesce(max(gap_days), 0) as longest_gap_days
  from with_gaps
  group by source, table_name
),

-- A silence is an end when it is long for this very table (docs/decisions/0056).
with_silences as (
  select
    by_table.*,
    build.starts_on,
    build.as_of_on,
    greatest({{ var('coverage_gap_days') }}, 3 * by_table.longest_gap_days) as usual_silence_days,
    {{ dbt.datediff('build.starts_on', 'by_table.first_told_on', 'day') }} as days_before,
    {{ dbt.datediff('by_table.last_told_on', 'build.as_of_on', 'day') }} as days_after,
    {% if declared -%}
    case
      {% for source, table, until in declared -%}
        when by_table.source = '{{ source }}' and by_table.table_name = '{{ table }}' then cast('{{ until }}' as date)
      {% endfor %}
    end
    {%- else -%}
      cast(null as date)
    {%- endif %} as declared_until
  from by_table
  cross join build
),

judged as (
  select
    *,
    case
      when declared_until is not null then declared_until < as_of_on
      else days_told > 10 and days_after > usual_silence_days
    end as has_ended
  from with_silences
),

final as (
  select
    source || ':' || table_name as source_coverage_id,
    source,
    table_name,
    case when days_before <= usual_silence_days then least(starts_on, first_told_on) else first_told_on end as starts_on,
    case when has_ended then coalesce(declared_until, last_told_on) else as_of_on end as ends_on,
    has_ended,
    {{ "source in ('" ~ var('replaced_sources') | join("', '") ~ "')" if var('replaced_sources') else 'false' }}
      as is_replaced,
    first_told_on,
    last_told_on,
    cast(days_told as bigint) as days_told,
    cast(longest_gap_days as bigint) as longest_gap_days
  from judged
)

select * from final
