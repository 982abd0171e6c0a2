"""How far to trust a measured value: is it settled, does it rest on enough, does it meet its target.

The rules themselves are SQL, in ``judgement.sql.j2``; here is what they compare with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cxmetrics.definitions import periods
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.engines.templates import rendered
from cxmetrics.measure.baseline import BASELINE_COLUMNS
from cxmetrics.measure.breaks import BREAK
from cxmetrics.measure.small_cells import SUPPRESSED
from cxmetrics.measure.sql import constant, first_day_sql
from cxmetrics.published.schema import ALL, UNKNOWN, Status

if TYPE_CHECKING:
    import datetime

    from cxmetrics.definitions.calendar import Calendar
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.sql import SqlTypes

NOT_POOLED: Status = "not_pooled"
SQL_TOLERANCE = sql("interval '{seconds}' second", seconds=periods.TOLERANCE.seconds)
LENGTHS = {
    "day": Sql("interval '1' day"),
    "week": Sql("interval '7' day"),
    "month": Sql("interval '1' month"),
    "quarter": Sql("interval '3' month"),
    "year": Sql("interval '1' year"),
}
TargetRow = tuple[str, "str | None", "datetime.date | None", "datetime.date | None", float]


def judged(template: str, **values: object) -> Sql:
    """The SQL of a template of this package that uses the macros of ``judgement.sql.j2``."""
    constants = {
        "ALL": ALL,
        "UNKNOWN": UNKNOWN,
        "SUPPRESSED": SUPPRESSED,
        "NOT_POOLED": NOT_POOLED,
        "BASELINE_COLUMNS": BASELINE_COLUMNS,
        "BREAK": BREAK,
        "TOLERANCE": SQL_TOLERANCE,
        "LENGTHS": LENGTHS,
    }
    return rendered(__file__, template, **constants, **values)


def definitions_sql(metrics: Sequence[Metric], types: SqlTypes) -> Sql:
    """A query with one row per metric: what of its definition decides about status and target."""
    selects = [
        sql(
            "select {name} as metric, {domain} as domain, {unit} as unit, cast({version} as integer) as version,"
            " {direction} as direction, {minimum_sample} as minimum_sample, {maturity_days} as maturity_days,"
            " {is_pooled} as is_pooled, {has_interval} as has_interval, {is_count} as is_count,"
            " {is_survival} as is_survival, {is_state} as is_state,"
            " {floor} as response_floor, cast({breaks_by} as {text}) as breaks_by, {grains} as grains",
            name=types.literal(metric.name),
            domain=types.literal(metric.domain),
            unit=types.literal(metric.meta.unit),
            version=metric.meta.version,
            direction=types.literal(metric.meta.direction),
            minimum_sample=metric.meta.minimum_sample,
            maturity_days=metric.meta.maturity_days,
            is_pooled=str(not metric.meta.only_by),
            has_interval=str(metric.meta.interval.method != "none"),
            is_count=str(metric.is_count),
            is_survival=str(metric.is_survival),
            is_state=str(metric.type == "cumulative"),
            breaks_by=constant(metric.meta.breaks_by, types),
            # Each between two blanks, so that no name is found within another.
            grains=types.literal(f" {' '.join(metric.meta.grains)} "),
            text=types.text,
            floor=metric.meta.response.floor if metric.meta.response else 0.0,
        )
        for metric in metrics
    ]
    return joined(selects, "\nunion all\n")


def needed_sql(metrics: Sequence[Metric], types: SqlTypes) -> Sql:
    """A query with one row per metric and table that tells of it; of the tables with one ``need`` any will do."""
    selects = [
        sql(
            "select {name} as metric, {need} as need, {table} as table_name",
            name=types.literal(metric.name),
            need=need,
            table=types.literal(table),
        )
        for metric in metrics
        for need, tables in enumerate(metric.meta.told_by)
        for table in tables
    ]
    return joined(selects, "\nunion all\n") or Sql("select '' as metric, 0 as need, '' as table_name")


def targets_sql(metrics: Sequence[Metric], types: SqlTypes) -> Sql:
    """A query with one row per target (metric, segment, since, until, target) and the dates it holds between; typed,
    and without a row that matches, when there is none."""
    nothing: TargetRow = ("", None, None, None, 0.0)
    selects = [
        sql(
            "select {name} as metric, cast({segment} as {text}) as segment, cast({since} as date) as since,"
            " cast({until} as date) as until, cast({value} as {double}) as target",
            name=types.literal(name),
            segment=constant(segment, types),
            since=constant(since, types),
            until=constant(until, types),
            value=value,
            text=types.text,
            double=types.double,
        )
        for name, segment, since, until, value in list(_targets(metrics)) or [nothing]
    ]
    return joined(selects, "\nunion all\n")


def _targets(metrics: Sequence[Metric]) -> Iterator[TargetRow]:
    for metric in metrics:
        for segment in sorted({target.segment for target in metric.meta.targets}, key=str):
            own = sorted((t for t in metric.meta.targets if t.segment == segment), key=lambda target: target.since)
            for target, following in zip(own, [*own[1:], None], strict=True):
                yield metric.name, segment, target.since, following.since if following else None, target.value


def periods_sql(days: str, calendar: Calendar) -> Sql:
    """A query with one row per grain and period that a day of the relation ``days`` lies in: grain, period_start and
    ends_at (UTC, the first moment after the period; null for grain all).

    A period whose last day is not among ``days`` is not over, and ends some time after them: its ``ends_at`` is that of
    UTC, which is near enough for a period that has not ended yet and lies after any moment of those days.
    """
    selects = [
        sql(
            """select '{grain}' as grain, period_start,
    case when cast(max(date_day) as timestamp) + {day} < cast(period_start as timestamp) + {length}
        then cast(period_start as timestamp) + {length} else max(day_ends_at) end as ends_at
from (select date_day, day_ends_at, {period_start} as period_start from {days}) as placed
group by period_start""",
            grain=grain,
            day=LENGTHS["day"],
            length=length,
            period_start=first_day_sql(grain, "date_day", calendar),
            days=days,
        )
        for grain, length in LENGTHS.items()
    ]
    of_all = "select '{all}', min(date_day), cast(null as timestamp) from {days} having count(*) > 0"
    return joined([*selects, sql(of_all, all=ALL, days=days)], "\nunion all\n")
