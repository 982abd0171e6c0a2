"""The published numbers of every metric, read from ``metrics.metric_values``, and which of them is the current one."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from cxmetrics.definitions.periods import ISO, is_settled
from cxmetrics.engines.quoting import literal
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.published.build_info import BuildInfo, read_build_info
from cxmetrics.published.schema import ALL, METRIC_VALUES, Status, TargetStatus

if TYPE_CHECKING:
    from cxmetrics.definitions.calendar import Calendar
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.engines.interface import Connection, Engine

# The grain a trend is drawn in is the first of these that the metric declares: months tell a story that days hide.
TREND_GRAINS = ("month", "quarter", "year", "week", "day")
# As many periods as a trend beside a number has.
TREND_PERIODS = 12
# A year, and its first month once more.
DIMENSION_PERIODS = 13


@dataclass(frozen=True)
class Figure:
    """One row of ``metric_values``: a number with everything that tells how far to trust it."""

    metric: str
    grain: str
    period_start: datetime.date
    dimension: str
    dimension_value: str
    value: float | None
    n: int
    ci_low: float | None
    ci_high: float | None
    status: Status
    target: float | None
    target_status: TargetStatus
    version: int
    response_rate: float | None = None
    low_response: bool | None = None
    baseline: float | None = None
    baseline_n: int | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    series_break: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether it says anything: a value, or that too many still wait for there to be one."""
        return self.value is not None or (self.n > 0 and self.status not in ("no_data", "not_pooled", "suppressed"))


FIGURE_COLUMNS = joined(column.name for column in fields(Figure))
EVERYTHING = literal(ALL)


@dataclass(frozen=True)
class MetricFigures:
    """Everything the site shows of one metric.

    ``trend`` is every period in order and ``settled`` those of them that can no longer change, ``overall`` all time at
    once, ``sliced`` the figures of each dimension value for ``now``'s period and for all time, ``dimension_trends`` the
    values of the periods up to ``now``, a year and one, None where there is none.
    """

    trend: tuple[Figure, ...] = ()
    settled: tuple[Figure, ...] = ()
    overall: Figure | None = None
    sliced: tuple[Figure, ...] = ()
    dimension_trends: Mapping[tuple[str, str], tuple[float | None, ...]] = field(default_factory=dict)

    @property
    def now(self) -> Figure | None:
        """The current figure, which may be without data; None when no period is settled yet."""
        return current(self.settled)

    @property
    def last_known(self) -> Figure | None:
        """The newest settled figure that says anything."""
        return next((figure for figure in reversed(self.settled) if figure.is_known), None)

    @property
    def empty_periods(self) -> int:
        """How many periods have no data, from the current one back to ``last_known``."""
        return next((i for i, figure in enumerate(reversed(self.settled)) if figure.is_known), 0)


def settled(
    trend: Iterable[Figure], maturity_days: int, as_of: datetime.datetime, calendar: Calendar = ISO
) -> tuple[Figure, ...]:
    """The figures that can no longer change: their period and the maturity window after it ended before ``as_of``.

    The status of a figure says so. One without data has no other status, so the calendar decides.
    """
    return tuple(
        figure
        for figure in trend
        if figure.status != "immature"
        and (
            figure.status not in ("no_data", "not_pooled")
            or is_settled(figure.period_start, figure.grain, maturity_days, as_of, calendar)
        )
    )


def current(settled_figures: Sequence[Figure]) -> Figure | None:
    """The current value of a metric: that of the newest settled period, with or without data."""
    return settled_figures[-1] if settled_figures else None


def trend_grain(metric: Metric) -> str | None:
    """The grain the metric's trend is shown in; None when it is only declared for all time."""
    return next((grain for grain in TREND_GRAINS if grain in metric.meta.grains), None)


def read_totals(connection: Connection, grains: Iterable[str]) -> Mapping[str, list[Figure]]:
    """The figures of each metric over everything (dimension ``all``), by name, in order of grain and period."""
    return _by_metric(
        connection, sql("dimension = {all} and grain in ({grains})", all=EVERYTHING, grains=_listed(grains))
    )


def read_figures(engine: Engine, metrics: Iterable[Metric]) -> tuple[BuildInfo, dict[str, MetricFigures]]:
    """What was published, and the figures of every metric by name (empty ones where nothing was published).

    Raises CxError when there is no published file or it holds no metric values.
    """
    metrics = list(metrics)
    try:
        with engine.published() as connection:
            info = read_build_info(connection)
            return info, _read(connection, metrics, info)
    except engine.failure as error:
        raise CxError(
            "the published file holds no metric values", file=engine.published_location, next_step="cx build"
        ) from error


def _read(connection: Connection, metrics: list[Metric], info: BuildInfo) -> dict[str, MetricFigures]:
    grains = {metric.name: trend_grain(metric) for metric in metrics}
    shown_grains = sorted({grain for grain in grains.values() if grain} | {ALL})
    totals = read_totals(connection, shown_grains)
    trends = {name: tuple(figure for figure in totals[name] if figure.grain == grain) for name, grain in grains.items()}
    over = {
        metric.name: settled(trends[metric.name], metric.meta.maturity_days, info.as_of, info.calendar)
        for metric in metrics
    }
    moments = {name: current(figures) for name, figures in over.items()}
    days = sorted({now.period_start for now in moments.values() if now})
    latest = Sql("false")
    if days:
        grains_and_days = {"grains": _listed(shown_grains), "days": _listed(days)}
        latest = sql("grain in ({grains}) and period_start in ({days})", **grains_and_days)
    sliced = _by_metric(
        connection, sql("dimension <> {all} and (grain = {all} or {latest})", all=EVERYTHING, latest=latest)
    )
    dimension_trends = _dimension_trends(connection, trends, moments)
    return {
        name: MetricFigures(
            trend=trends[name],
            settled=over[name],
            overall=next((figure for figure in totals[name] if figure.grain == ALL), None),
            sliced=tuple(
                figure for figure in sliced[name] if figure.grain == ALL or _same_period(figure, moments[name])
            ),
            dimension_trends=dimension_trends[name],
        )
        for name in grains
    }


def _dimension_trends(
    connection: Connection, trends: dict[str, tuple[Figure, ...]], moments: dict[str, Figure | None]
) -> defaultdict[str, dict[tuple[str, str], tuple[float | None, ...]]]:
    """Metric -> dimension and value -> one value a period, as many as a small picture shows."""
    places: dict[str, dict[tuple[str, datetime.date], int]] = {}
    for name, now in moments.items():
        starts = [figure.period_start for figure in trends[name] if now and figure.period_start <= now.period_start]
        shown = starts[-DIMENSION_PERIODS:]
        places[name] = {(now.grain, start): place for place, start in enumerate(shown)} if now else {}
    keys = {key for own in places.values() for key in own}
    found: defaultdict[str, dict[tuple[str, str], tuple[float | None, ...]]] = defaultdict(dict)
    if not keys:
        return found
    query = sql(
        "select metric, grain, dimension, dimension_value, period_start, value from {values}"
        " where dimension <> {all} and value is not null and grain in ({grains}) and period_start >= {first}"
        " order by metric, dimension, dimension_value",
        values=METRIC_VALUES.name,
        all=EVERYTHING,
        grains=_listed(sorted({grain for grain, _ in keys})),
        first=literal(min(start for _, start in keys)),
    )
    rows = connection.execute(query).fetchall()
    values: dict[tuple[str, str, str], list[float | None]] = {}
    for metric, grain, dimension_name, dimension_value, start, value in rows:
        place = places.get(metric, {}).get((grain, start))
        if place is not None:
            row = values.setdefault((metric, dimension_name, dimension_value), [None] * len(places[metric]))
            row[place] = value
    for (metric, dimension_name, dimension_value), row in values.items():
        found[metric][(dimension_name, dimension_value)] = tuple(row)
    return found


def _same_period(figure: Figure, now: Figure | None) -> bool:
    return now is not None and (figure.grain, figure.period_start) == (now.grain, now.period_start)


def _listed(values: Iterable[object]) -> Sql:
    """Grains and days, which no engine needs escaped, as SQL constants."""
    return joined(literal(str(value)) for value in values)


def _by_metric(connection: Connection, condition: Sql) -> defaultdict[str, list[Figure]]:
    query = sql(
        "select {columns} from {values} where {condition}"
        " order by metric, grain, dimension, dimension_value, period_start",
        columns=FIGURE_COLUMNS,
        values=METRIC_VALUES.name,
        condition=condition,
    )
    rows = connection.execute(query).fetchall()
    found: defaultdict[str, list[Figure]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(Figure(*row))
    return found
