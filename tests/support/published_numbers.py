"""A small published file for the tests of the site: a real DuckDB file in the shape ``cx build`` publishes."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.metric import Metric
from cxmetrics.definitions.project import Project

AS_OF = datetime.datetime(2026, 6, 30, 23, 59, 59)
FIRST_MONTH = datetime.date(2024, 7, 1)
MONTHS = 24
CENTRE = {
    "share": 0.8,
    "points": 30.0,
    "minutes": 200.0,
    "seconds": 400.0,
    "days": 12.0,
    "per_100_customers": 42.0,
    "score": 5.0,
    "count": 900.0,
    "currency": 60.0,
}
DIMENSION_VALUES = {
    "channel": ("email", "chat", "phone", "web", "social"),
    "segment": ("consumer", "business", "enterprise"),
    "region": ("north", "south", "east", "west"),
    "priority": ("low", "normal", "high", "urgent"),
}
WITHOUT_DATA = "sla_attainment_rate"
WITH_FEW_ANSWERS = "customer_effort_score"

Row = tuple[object, ...]


def project_in(root: Path, folder: Path) -> Project:
    """The project at ``root`` with its warehouse and its site in ``folder``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_WAREHOUSE", str(folder / "warehouse"))
        patch.setenv("DBT_TARGET_PATH", str(folder / "target"))
        return Project(root)


def publish(project: Project, *, is_synthetic: bool = True, extra: tuple[Row, ...] = ()) -> None:
    """Write ``warehouse/cx.duckdb``: 24 months and all time of every metric, the newest month immature, one metric
    without data and one with insufficient samples. ``extra`` rows are added as they are."""
    file = project.warehouse / "cx.duckdb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema metrics")
        connection.execute(
            "create table metrics.metric_values (metric varchar, domain varchar, grain varchar, period_start date,"
            " dimension varchar, dimension_value varchar, value double, n bigint, ci_low double, ci_high double,"
            " status varchar, target double, target_status varchar, unit varchar, version integer, as_of timestamp,"
            " response_rate double, low_response boolean, baseline double, baseline_n bigint, difference double,"
            " difference_low double, difference_high double, series_break varchar)"
        )
        connection.execute(
            "create table metrics.build_info (as_of timestamp, sources varchar, is_synthetic boolean, version varchar)"
        )
        connection.execute(
            "insert into metrics.build_info values (?, 'canonical, servicenow', ?, '0.1.0')", [AS_OF, is_synthetic]
        )
        rows = [row for metric in project.metrics().values() for row in metric_rows(metric)]
        connection.executemany(
            "insert into metrics.metric_values values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, null,"
            " null, null, null, null, null, null)",
            [*rows, *extra],
        )
        # What is set against others is a little above them.
        against = [metric.name for metric in project.metrics().values() if metric.meta.baseline]
        connection.execute(
            "update metrics.metric_values set baseline = 0.9 * value, baseline_n = 500, difference = 0.1 * value,"
            " difference_low = 0.1 * value - 0.02, difference_high = 0.1 * value + 0.02"
            " where list_contains($against, metric) and value is not null",
            {"against": against},
        )


def metric_rows(metric: Metric) -> Iterator[Row]:
    """All rows of one metric."""
    for number in range(MONTHS):
        month = FIRST_MONTH.month - 1 + number
        start = datetime.date(FIRST_MONTH.year + month // 12, month % 12 + 1, 1)
        status = "immature" if number == MONTHS - 1 else "ok"
        yield value_row(metric, "month", start, number, status=status)
    yield value_row(metric, "all", FIRST_MONTH, 3, n=9_000)
    for name in metric.meta.dimensions if metric.name != WITHOUT_DATA else ():
        for position, value in enumerate(DIMENSION_VALUES.get(name, ("first", "second", "unknown"))):
            latest = datetime.date(2026, 5, 1)
            yield value_row(
                metric, "month", latest, position + 22, n=120 - 20 * position, dimension=name, dimension_value=value
            )
            yield value_row(
                metric, "all", FIRST_MONTH, position, n=3_000 - 500 * position, dimension=name, dimension_value=value
            )


def value_row(
    metric: Metric,
    grain: str,
    start: datetime.date,
    position: int,
    *,
    n: int = 400,
    status: str = "ok",
    dimension: str = "all",
    dimension_value: str = "all",
) -> Row:
    """One row with a value that depends on ``position`` and the metric's name alone."""
    centre = CENTRE[metric.meta.unit] * (0.08 if metric.meta.direction == "down" and metric.meta.unit == "share" else 1)
    value = centre * (1 + 0.15 * math.sin(position / 3 + len(metric.name)))
    half = centre * 2 / math.sqrt(n)
    target = next((target.value for target in metric.meta.targets if target.segment is None), None)
    verdict = "none" if target is None else _verdict(value - half, value + half, target, metric.meta.direction)
    if metric.name == WITH_FEW_ANSWERS and status == "ok":
        status, verdict, n = "insufficient_sample", "unclear", 12
    low: float | None = value - half
    high: float | None = value + half
    if metric.name == WITHOUT_DATA:
        value, n, low, high, status, verdict = None, 0, None, None, "no_data", "none"
    if target is not None and status == "immature":
        verdict = "unclear"
    unit, version = metric.meta.unit, metric.meta.version
    where = (metric.name, metric.domain, grain, start, dimension, dimension_value)
    return (*where, value, n, low, high, status, target, verdict, unit, version, AS_OF)


def _verdict(low: float, high: float, target: float, direction: str) -> str:
    if low <= target <= high:
        return "unclear"
    return "met" if (low > target) == (direction == "up") else "missed"
