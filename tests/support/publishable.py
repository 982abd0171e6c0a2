"""A small build that can be published, as often as a test likes."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import joined, sql
from cxmetrics.published.schema import METRIC_VALUES, published_metrics
from support.facts import built


@pytest.fixture
def engine(tmp_path: Path, cx_project: Project) -> DuckDBEngine:
    """A build in which reopen_rate has a value and no other metric has, ready to be published."""
    engine = built(cx_project, tmp_path / "warehouse")
    with engine.building() as connection:
        connection.execute("create schema raw_canonical; create table raw_canonical.tickets as select 'secret' as body")
        connection.execute("create view service.looking_in as from raw_canonical.tickets")
        connection.execute("create table metrics.build_info (as_of timestamp, sources text, is_synthetic boolean)")
        for name in ("version", "reporting_timezone", "week_starts_on"):
            connection.execute(sql("alter table metrics.build_info add column {name} text", name=name))
        connection.execute(
            "insert into metrics.build_info select as_of, '', false, '1', 'UTC', 'monday' from metrics.build_as_of"
        )
    set_values(engine, cx_project, "reopen_rate")
    set_sources(engine, "canonical")
    return engine


def set_values(engine: DuckDBEngine, project: Project, *with_data: str) -> None:
    """Metric values with one row for every metric; those not named have no data."""
    rows = [
        sql("('{name}', '{status}')", name=metric.name, status="ok" if metric.name in with_data else "no_data")
        for metric in published_metrics(project)
    ]
    others = [sql("null as {name}", name=name) for name in METRIC_VALUES.columns if name not in ("metric", "status")]
    create = sql(
        "create or replace table metrics.metric_values as"
        " select metric, status, {others} from (values {rows}) as given(metric, status)",
        others=joined(others),
        rows=joined(rows),
    )
    with engine.building() as connection:
        connection.execute(create)


def set_sources(engine: DuckDBEngine, *names: str, is_synthetic: bool = False) -> None:
    with engine.building() as connection:
        connection.execute(
            "update metrics.build_info set sources = ?, is_synthetic = ?", [", ".join(names), is_synthetic]
        )


def published(engine: DuckDBEngine, query: str) -> list[tuple]:
    """What readers find."""
    with engine.published() as connection:
        return connection.execute(query).fetchall()


def published_on(engine: DuckDBEngine, day: int) -> str:
    """Give the published file the time of a publication in January 2026; the name of that publication."""
    moment = datetime.datetime(2026, 1, day, 12, tzinfo=datetime.UTC)
    os.utime(engine.published_file, (moment.timestamp(), moment.timestamp()))
    return f"202601{day:02}T120000.000000Z"
