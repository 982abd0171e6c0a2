"""The words of the pages that explain: glossary and connection recipes."""

from __future__ import annotations

GLOSSARY = {
    "Ticket": "One request for help. Others say case, conversation or incident.",
    "Interaction": "One handled contact inside a ticket: a call, a chat, a turn of mail with its handling time.",
    "Contact": "A ticket that the customer opened. One that the company opened is a proactive contact.",
    "Touchpoint": "A place where customer and company meet, human or not. It belongs to one stage of the journey.",
    "Journey stage": "A part of the way from first hearing of us to recommending us. Service is one of them; what"
    " others call loyalty is our renewal.",
    "Journey": "One customer’s cycle, from the first touchpoint to churn, lapse or today.",
    "Contact reason": "Why a ticket was opened. It names the cause stage.",
    "Cause stage": "The stage that made a contact necessary. It is seldom service.",
    "Domain": "Service or experience. Service is a part of experience, so the view of experience holds it too.",
    "Accountable": "The group that answers for a metric, a stage or a contact reason, whoever handles the tickets.",
    "Metric": "A number with a definition, an owner, a golden case and a version; one file in the project.",
    "Simple metric": "A count or a sum over the rows of one table. Metrics are made of them.",
    "Golden case": "A few rows written by hand and the number a metric must give for them: its worked example.",
    "Dimension": "A dimension that values are published by: channel, segment, team.",
    "Churn": "A customer who was active when a month began and is not when it ends.",
    "Affected": "In the audit: a customer in the weeks after a contact that a stage caused.",
    "Segment": "The group of customers that the customer list names; unknown where it names none.",
}
NUMBERS = {
    "As-of date": "The moment a build describes: the latest event in the data, or the day that was asked for. Never the"
    " clock of a machine.",
    "n": "The size of the sample behind a value: tickets, answers, customers. The page of a metric says which.",
    "95 % interval": "Nineteen of twenty such intervals hold the true value. It knows chance and nothing else.",
    "Minimum sample": "With a smaller n a value is shown and not judged.",
    "Maturity": "Days after the end of a period in which its value can still change, because tickets come back and"
    " customers answer late.",
    "Null rule": "Which rows are in neither side of a metric. Missing is not zero.",
    "Target": "The value aimed at, from a date on, for everybody or for one segment.",
    "Business minutes": "Minutes within the opening hours of support, without holidays. Beside them stand calendar"
    " minutes; the two are never mixed.",
    "Share, points, per 100": "A share is a part of a whole in percent. Points run from −100 to +100 (NPS). Per 100"
    " customers can exceed 100.",
    "Direction": "Which way is better. Some metrics have none: a short call is not a good call by itself.",
}
STATUS_TEXTS = {
    "✓ Target met": "The whole interval lies on the right side of the target.",
    "✕ Target missed": "The whole interval lies on the wrong side.",
    "≈ Too close to call": "The interval holds the target: the sample cannot tell.",
    "… Insufficient sample": "n is under the metric’s minimum sample. The value is shown and gets no verdict.",
    "Immature": "The period, or the time after it in which the value can still change, is not over.",
    "Not shown": "Too few cases of one person. Data quality says from how many on a value is shown.",
    "No data": "No source provides what the metric needs, or nothing happened. Never shown as zero.",
}

FIRST_QUERY = """select period_start, value, ci_low, ci_high, n, target, target_status
from metrics.metric_values
where metric = 'first_contact_resolution_rate'
    and grain = 'month' and dimension = 'all'
    and status in ('ok', 'insufficient_sample')
order by period_start"""
FIRST_COMMANDS = """cx query first_contact_resolution_rate --grain month --since 2026-01-01
cx query service_csat --by channel --format csv
cx scorecard
cx audit"""
RECIPES = {
    "DuckDB, from a shell": "duckdb -readonly warehouse/cx.duckdb",
    "DuckDB, from Python": """import duckdb

with duckdb.connect("warehouse/cx.duckdb", read_only=True) as connection:
    values = connection.sql("from metrics.metric_values").df()""",
    "PostgreSQL": """psql "host=HOST dbname=DATABASE user=READER" -c "
    select * from metrics.metric_values where dimension = 'all'
\"""",
    "Spark": """spark.table("metrics.metric_values").where("dimension = 'all' and grain = 'month'").show()""",
    "MetricFlow": "mf query --metrics reopen_rate --group-by metric_time__month",
}
TOOLS = {
    "Metabase": "Add the database with its DuckDB driver (read only) or as PostgreSQL; start from metric_values.",
    "Apache Superset": "duckdb:////path/to/cx.duckdb?access_mode=read_only, or the PostgreSQL address; one data set on"
    " metric_values is enough.",
    "Power BI, Tableau": "PostgreSQL by their own connector; the DuckDB file by its ODBC driver of version 1.x.",
    "Excel": "cx query METRIC --format csv --out FILE, or Parquet.",
    "Grafana": "PostgreSQL data source; period_start is the time column.",
}
