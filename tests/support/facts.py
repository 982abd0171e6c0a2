"""Marts with a few rows, and metrics whose definition a test changes."""

import copy
import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import yaml

from cxmetrics.definitions.metric import Metric, read_metric
from cxmetrics.definitions.people import Agents, People
from cxmetrics.definitions.project import Project
from cxmetrics.definitions.yaml_file import read
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.measure.baseline import BASELINE_COLUMNS
from cxmetrics.measure.breaks import BREAK
from cxmetrics.measure.golden import create_tables, fill_reporting_dates
from cxmetrics.measure.metric_values import MEASURED
from cxmetrics.published.schema import METRIC_VALUES

MEASURED_COLUMNS = (
    "metric", "grain", "period_start", "dimension", "dimension_value", "value", "n", "ci_low", "ci_high",
    "response_rate", *BASELINE_COLUMNS, BREAK,
)  # fmt: skip
FIRST, LAST = datetime.date(2026, 1, 1), datetime.date(2026, 3, 31)
Load = Callable[[duckdb.DuckDBPyConnection], None]


def solved_tickets(connection: duckdb.DuckDBPyConnection) -> None:
    """January: 40 solved, 4 of them reopened, half by email, the channel of the rest is not known; one agent had the
    four, another one the rest. All 40 waited for a reply and are in the backlog, 0 to 39 minutes and days.
    March: one solved. One ticket was never solved. In January 40 customers were asked how satisfied they are with
    service, and two answered: they were."""
    connection.execute(
        """insert into service.fct_tickets by name
        select 'J' || i as ticket_id, 'C' || i % 4 as customer_id, case when i % 2 = 0 then 'email' end as channel,
            timestamp '2026-01-02' + interval (i) hour as created_at, created_at as first_solved_at,
            i < 4 as is_reopened, i as reply_wait_business_minutes, created_at as first_reply_at,
            case when i < 4 then 'few' else 'many' end as agent_id
        from range(40) as numbers(i)
        union all by name
        select 'M' as ticket_id, 'email' as channel, timestamp '2026-02-28 23:00:00' as created_at,
            timestamp '2026-03-30 12:00:00' as first_solved_at, false as is_reopened
        union all by name
        select 'open' as ticket_id, 'email' as channel, timestamp '2026-02-01' as created_at, false as is_reopened,
            false as is_transferred, false as is_proactive
        union all by name
        select 'late' as ticket_id, 'email' as channel, timestamp '2026-03-31 12:00:00' as created_at,
            false as is_reopened, false as is_transferred, false as is_proactive"""
    )
    connection.execute(
        """insert into service.fct_backlog by name
        select 'B' || i as backlog_ticket_id, 'J' || i as ticket_id, 'C' || i % 4 as customer_id,
            date '2026-01-01' as month_on, i as age_days from range(40) as numbers(i);
        insert into experience.fct_survey_invitations by name
        select 'I' || i as invitation_id, 'csat' as survey_type, 'service_touchpoint' as scope, i < 2 as is_answered,
            'support_call' as touchpoint, timestamp '2026-01-02' + interval (i) hour as sent_at
        from range(40) as numbers(i);
        insert into experience.fct_survey_responses by name
        select 'A' || i as response_id, 'csat' as survey_type, 'service_touchpoint' as scope, true as is_satisfied,
            'support_call' as touchpoint, timestamp '2026-01-12' as responded_at
        from range(2) as numbers(i)"""
    )
    connection.execute(
        "insert into experience.dim_customers by name select 'C' || i as customer_id,"
        " case when i < 2 then 'business' else 'consumer' end as segment from range(4) as numbers(i)"
    )


def fill(connection: duckdb.DuckDBPyConnection, project: Project, load: Load = solved_tickets) -> None:
    """Everything that metric values need: the marts, three months of days, an as-of date, the loads."""
    create_tables(connection, project)
    load(connection)
    fill_reporting_dates(connection, project)
    days = [FIRST, LAST]
    connection.execute(
        "insert into metrics.dim_dates by name"
        " select cast(day as date) as date_day, day as day_starts_at, day + interval '1' day as day_ends_at"
        " from generate_series(cast(? as timestamp), cast(? as timestamp), interval '1' day) as days(day)",
        days,
    )
    connection.execute(
        "insert into metrics.build_as_of by name"
        " select cast(? as date) as starts_on, cast(? as timestamp) + interval '86399' second as as_of",
        days,
    )
    connection.execute("create schema quarantine")
    connection.execute(
        "create table quarantine.loads as"
        " from (values ('canonical', false), ('demo', true)) as loads(source_name, is_synthetic)"
    )


@contextmanager
def in_memory(project: Project, load: Load = solved_tickets) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database that is not kept."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("attach ':memory:' as cx; use cx")
        fill(connection, project, load)
        yield connection


def built(project: Project, warehouse: Path, load: Load = solved_tickets) -> DuckDBEngine:
    """An engine whose build database lies in ``warehouse`` and holds the facts."""
    placed = Project(project.root)
    placed.warehouse = warehouse
    engine = DuckDBEngine(placed)
    with engine.building() as connection:
        fill(connection, project, load)
    return engine


def with_agents(project: Project) -> Project:
    """The project with a policy that publishes ids of agents and values by them."""
    other = copy.copy(project)
    vars(other)["people"] = People(agent=Agents(ids=True))
    return other


def changed(project: Project, metric: Metric, folder: Path, **meta: Any) -> Metric:
    """The metric of a project with other values in ``config.meta.cx``, read from a file of its own."""
    data = yaml.safe_load(metric.source.path.read_text(encoding="utf-8"))
    data["metrics"][0]["config"]["meta"]["cx"].update(meta)
    file = folder / f"{metric.name}.yml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    found, problems = read_metric(read(file), metric.domain, project.blocks(), project.vars)
    assert found is not None, problems
    return found


def create_measured(connection: duckdb.DuckDBPyConnection) -> None:
    """The table of values before they are placed and judged, unless it exists; its columns are those of the published
    table and some fewer."""
    types = {name: column.data_type.replace("string", "varchar") for name, column in METRIC_VALUES.columns.items()}
    types[BREAK] = "bigint"
    columns = ", ".join(f"{name} {types[name]}" for name in MEASURED_COLUMNS)
    connection.execute(f"create table if not exists {MEASURED} ({columns})")
