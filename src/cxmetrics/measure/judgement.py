"""How far to trust a measured value: is it settled, does it rest on enough, does it meet its target.

The rules themselves are SQL, in ``judgement.sql.j2``; here is what they compare with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cxmetrics.definitions import periods
from cxmetrics.engines.templates import rendered
from cxmetrics.measure.small_cells import SUPPRESSED
from cxmetrics.measure.sql import constant
from cxmetrics.published.schema import ALL, UNKNOWN

if TYPE_CHECKING:
    import datetime

    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.sql import SqlTypes

SQL_TOLERANCE = f"interval '{periods.TOLERANCE.seconds}' second"
LENGTHS = {
    "day": "interval '1' day",
    "week": "interval '7' day",
    "month": "interval '1' month",
    "quarter": "interval '3' month",
    "year": "interval '1' year",
}
TargetRow = tuple[str, "str | None", "datetime.date | None", "datetime.date | None", float]


def judged(template: str, **values: object) -> str:
    """The SQL of a template of this package that uses the macros of ``judgement.sql.j2``."""
    constants = {
        "ALL": ALL,
        "UNKNOWN": UNKNOWN,
        "SUPPRESSED": SUPPRESSED,
        "TOLERANCE": SQL_TOLERANCE,
    }
    return rendered(__file__, template, **constants, **values)


def definitions_sql(metrics: Sequence[Metric], types: SqlTypes) -> str:
    """A query with one row per metric: what of its definition decides about status and target."""
    return "\nunion all\n".join(
        f"select {types.literal(metric.name)} as metric, {types.literal(metric.domain)} as domain,"
        f" {types.literal(metric.meta.unit)} as unit, cast({metric.meta.version} as integer) as version,"
        f" {types.literal(metric.meta.direction)} as direction, {metric.meta.minimum_sample} as minimum_sample,"
        f" {metric.meta.maturity_days} as maturity_days, {metric.meta.interval.method != 'none'} as has_interval,"
        f" {metric.is_count} as is_count,"
        f" {metric.meta.response.floor if metric.meta.response else 0.0} as response_floor"
        for metric in metrics
    )


def targets_sql(metrics: Sequence[Metric], types: SqlTypes) -> str:
    """A query with one row per target (metric, segment, since, until, target) and the dates it holds between; typed,
    and without a row that matches, when there is none."""
    nothing: TargetRow = ("", None, None, None, 0.0)
    selects = [
        f"select {types.literal(name)} as metric, cast({constant(segment, types)} as {types.text}) as segment,"
        f" cast({constant(since, types)} as date) as since, cast({constant(until, types)} as date) as until,"
        f" cast({value} as {types.double}) as target"
        for name, segment, since, until, value in list(_targets(metrics)) or [nothing]
    ]
    return "\nunion all\n".join(selects)


def _targets(metrics: Sequence[Metric]) -> Iterator[TargetRow]:
    for metric in metrics:
        for segment in sorted({target.segment for target in metric.meta.targets}, key=str):
            own = sorted((t for t in metric.meta.targets if t.segment == segment), key=lambda target: target.since)
            for target, following in zip(own, [*own[1:], None], strict=True):
                yield metric.name, segment, target.since, following.since if following else None, target.value


def periods_sql(days: str) -> str:
    """A query with one row per grain and period that a day of the relation ``days`` lies in: grain, period_start and
    ends_at (timestamp, the first moment after the period; null for grain all)."""
    selects = [
        f"select '{grain}' as grain, period_start, cast(period_start as timestamp) + {length} as ends_at\n"  # noqa: S608
        f"from (select distinct cast(date_trunc('{grain}', date_day) as date) as period_start from {days}) as starts"
        for grain, length in LENGTHS.items()
    ]
    selects.append(f"select '{ALL}', min(date_day), cast(null as timestamp) from {days} having count(*) > 0")  # noqa: S608
    return "\nunion all\n".join(selects)
