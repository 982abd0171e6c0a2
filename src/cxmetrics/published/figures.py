"""The published numbers the site shows, read once from ``metrics.metric_values`` and ``metrics.build_info``."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cxmetrics.errors import CxError
from cxmetrics.measure.metric_values import literal

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.engines.interface import Connection, Engine

ALL = "all"
# The grain a trend is drawn in is the first of these that the metric declares: months tell a story that days hide.
TREND_GRAINS = ("month", "quarter", "year", "week", "day")
# A year, and its first month once more.
SLICE_PERIODS = 13
MATURE = ("ok", "insufficient_sample")
COLUMNS = (
    "metric, grain, period_start, slice, slice_value, value, n, ci_low, ci_high, status, target, target_status, version"
)


@dataclass(frozen=True)
class Figure:
    """One row of ``metric_values``: a number with everything that tells how far to trust it."""

    metric: str
    grain: str
    period_start: datetime.date
    slice: str
    slice_value: str
    value: float | None
    n: int
    ci_low: float | None
    ci_high: float | None
    status: str
    target: float | None
    target_status: str
    version: int


@dataclass(frozen=True)
class Build:
    """What was published last: the moment it describes (UTC), from which sources, and whether they are invented."""

    as_of: datetime.datetime
    sources: tuple[str, ...]
    is_invented: bool
    version: str


@dataclass(frozen=True)
class MetricFigures:
    """Everything the site shows of one metric.

    ``now`` is the latest period that has a value and is mature, ``overall`` all time at once, ``trend`` every period in
    order, ``sliced`` the figures of each slice value for ``now``'s period and for all time, ``slice_trends`` the values
    of the periods up to ``now``, a year and one, None where there is none.
    """

    trend: tuple[Figure, ...] = ()
    overall: Figure | None = None
    sliced: tuple[Figure, ...] = ()
    slice_trends: Mapping[tuple[str, str], tuple[float | None, ...]] = field(default_factory=dict)

    @property
    def now(self) -> Figure | None:
        return next((figure for figure in reversed(self.trend) if figure.status in MATURE), None)

    @property
    def empty_periods_since(self) -> int:
        """How many periods after ``now`` have no data."""
        if self.now is None:
            return 0
        return sum(f.status == "no_data" and f.period_start > self.now.period_start for f in self.trend)


def trend_grain(metric: Metric) -> str | None:
    """The grain the metric's trend is shown in; None when it is only declared for all time."""
    return next((grain for grain in TREND_GRAINS if grain in metric.meta.grains), None)


def read_figures(engine: Engine, metrics: Iterable[Metric]) -> tuple[Build, dict[str, MetricFigures]]:
    """What was published, and the figures of every metric by name (empty ones where nothing was published).

    Raises CxError when there is no published file or it holds no metric values.
    """
    metrics = list(metrics)
    try:
        with engine.published() as connection:
            return _build(connection), _read(connection, metrics)
    except engine.failure as error:
        raise CxError(
            "the published file holds no metric values", file=engine.published_place, next_step="cx build"
        ) from error


def _build(connection: Connection) -> Build:
    row = connection.execute("select as_of, sources, is_invented, version from metrics.build_info").fetchone()
    if row is None:
        raise CxError("the published file does not say what it was built from", next_step="cx build")
    sources = tuple(name.strip() for name in (row[1] or "").split(",") if name.strip())
    return Build(as_of=row[0], sources=sources, is_invented=bool(row[2]), version=row[3])


def _read(connection: Connection, metrics: list[Metric]) -> dict[str, MetricFigures]:
    grains = {metric.name: trend_grain(metric) for metric in metrics}
    shown_grains = sorted({grain for grain in grains.values() if grain} | {ALL})
    totals = _by_metric(connection, f"slice = 'all' and grain in ({_listed(shown_grains)})")
    trends = {name: tuple(figure for figure in totals[name] if figure.grain == grain) for name, grain in grains.items()}
    moments = {name: MetricFigures(trend=trend).now for name, trend in trends.items()}
    days = sorted({now.period_start for now in moments.values() if now})
    latest = f"grain in ({_listed(shown_grains)}) and period_start in ({_listed(days)})" if days else "false"
    sliced = _by_metric(connection, f"slice <> 'all' and (grain = 'all' or {latest})")
    slice_trends = _slice_trends(connection, trends, moments)
    return {
        name: MetricFigures(
            trend=trends[name],
            overall=next((figure for figure in totals[name] if figure.grain == ALL), None),
            sliced=tuple(
                figure for figure in sliced[name] if figure.grain == ALL or _same_period(figure, moments[name])
            ),
            slice_trends=slice_trends[name],
        )
        for name in grains
    }


def _slice_trends(
    connection: Connection, trends: dict[str, tuple[Figure, ...]], moments: dict[str, Figure | None]
) -> defaultdict[str, dict[tuple[str, str], tuple[float | None, ...]]]:
    """Metric -> slice and value -> one value a period, as many as a small picture shows."""
    places: dict[str, dict[tuple[str, datetime.date], int]] = {}
    for name, now in moments.items():
        starts = [figure.period_start for figure in trends[name] if now and figure.period_start <= now.period_start]
        shown = starts[-SLICE_PERIODS:]
        places[name] = {(now.grain, start): place for place, start in enumerate(shown)} if now else {}
    keys = {key for own in places.values() for key in own}
    found: defaultdict[str, dict[tuple[str, str], tuple[float | None, ...]]] = defaultdict(dict)
    if not keys:
        return found
    rows = connection.execute(
        "select metric, grain, slice, slice_value, period_start, value from metrics.metric_values"  # noqa: S608
        f" where slice <> 'all' and value is not null and grain in ({_listed(sorted({grain for grain, _ in keys}))})"
        f" and period_start >= {literal(min(start for _, start in keys))} order by metric, slice, slice_value"
    ).fetchall()
    values: dict[tuple[str, str, str], list[float | None]] = {}
    for metric, grain, slice_name, slice_value, start, value in rows:
        place = places.get(metric, {}).get((grain, start))
        if place is not None:
            row = values.setdefault((metric, slice_name, slice_value), [None] * len(places[metric]))
            row[place] = value
    for (metric, slice_name, slice_value), row in values.items():
        found[metric][(slice_name, slice_value)] = tuple(row)
    return found


def _same_period(figure: Figure, now: Figure | None) -> bool:
    return now is not None and (figure.grain, figure.period_start) == (now.grain, now.period_start)


def _listed(values: Iterable[object]) -> str:
    """Grains and days as SQL constants."""
    return ", ".join(literal(value) for value in values)


def _by_metric(connection: Connection, condition: str) -> defaultdict[str, list[Figure]]:
    rows = connection.execute(
        f"select {COLUMNS} from metrics.metric_values where {condition}"  # noqa: S608 (conditions of this module)
        " order by metric, grain, slice, slice_value, period_start"
    ).fetchall()
    found: defaultdict[str, list[Figure]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(Figure(*row))
    return found
