"""Values with their n and interval, as one portable query over many metrics.

MetricFlow gives a metric and its building blocks in one row; this module turns that into one row per metric, with the
interval computed from the blocks. ``metric_values``, ``cx query`` and the golden cases all read numbers from here.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from cxmetrics.measure.counts import counts
from cxmetrics.measure.filters import names_in
from cxmetrics.measure.intervals import bounds, quantile_bounds
from cxmetrics.measure.part_slices import part_rows, part_slice
from cxmetrics.measure.response import of_metric, response_rates

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.compiler import Semantics


class SqlTypes(Protocol):
    """What an engine calls types that have no name in common, and what the names of schemas begin with that dbt builds.
    Every engine object is one."""

    double: str
    text: str
    build_prefix: str


@dataclass(frozen=True)
class Question:
    """What is asked of metrics: a period's length (None: all time at once), slices, filters and an inclusive range."""

    grain: str | None = None
    by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    since: datetime.date | None = None
    until: datetime.date | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell the rows of one metric apart."""
        return (*(("period_start",) if self.grain else ()), *self.by)

    @property
    def filtered(self) -> tuple[str, ...]:
        """The names of slices and entities that the filters speak of."""
        return tuple(name for text in self.where for name in names_in(text))

    def widened(self) -> Question:
        """The same question over whole periods: no period is shown with a part of its days."""
        if self.grain is None:
            return self
        since = self.since and first_day(self.since, self.grain)
        until = self.until and last_day(self.until, self.grain)
        return replace(self, since=since, until=until)


def measures(semantics: Semantics, metrics: Sequence[Metric], question: Question, double: str) -> str:
    """A query with one row per metric and combination of ``question.keys`` that has facts.

    Columns: metric, the keys, value, n (bigint, null when there is no fact at all), ci_low, ci_high, response_rate.
    Metrics of the same facts that reach the slices by the same way share one MetricFlow query. Raises CxError like
    ``Semantics.sql``.
    """
    question = question.widened()
    together: dict[tuple[str, ...], list[Metric]] = {}
    queries = []
    for metric in metrics:
        if part := part_slice(metric, question):
            queries.append(part_rows(semantics, metric, question, part, double))
            continue
        if metric.is_count:
            queries.append(counts(semantics, metric, question, double))
            continue
        ways = tuple(semantics.resolve(name, _columns([metric])).dunder for name in question.by)
        # Facts are not mixed: MetricFlow would join their answers, and other grains ask for other sets of metrics.
        facts = dict.fromkeys(fact for name in _columns([metric]) for fact in semantics.facts(name))
        together.setdefault((semantics.finest_grain([metric.name]), *sorted(facts), *ways), []).append(metric)
    queries += [_group(semantics, group, question, double) for group in together.values()]
    return "\nunion all\n".join(f"select * from (\n{query}\n) as group_{i}" for i, query in enumerate(queries))  # noqa: S608


def _group(semantics: Semantics, metrics: Sequence[Metric], question: Question, double: str) -> str:
    rows = _rows(semantics, metrics, question, double)
    nothing = f"cast(null as {double})"
    beside = [
        f"""select '{metric.name}' as metric, {_listed(question.keys)}{nothing} as value, cast(null as bigint) as n,
    ci_low, ci_high, {nothing} as response_rate
from (
{_order_statistics(semantics, metric, question, double)}
) as ranked"""  # noqa: S608 (names of the project's own definitions)
        for metric in metrics
        if metric.meta.interval.method == "quantile"
    ]
    beside += [
        f"""select metric, {_listed(question.keys)}{nothing} as value, cast(null as bigint) as n, {nothing} as ci_low,
    {nothing} as ci_high, response_rate
from (
{rates}
) as answered_invitations"""  # noqa: S608
        for rates in response_rates(semantics, metrics, question, double)
    ]
    if not beside:
        return rows
    parts = "\nunion all\n".join([f"select * from (\n{rows}\n) as answered", *beside])  # noqa: S608
    # Grouped rather than joined: keys may be null, and PostgreSQL cannot hash a join on "is not distinct from".
    return f"""select metric, {_listed(question.keys)}max(value) as value, max(n) as n, max(ci_low) as ci_low,
    max(ci_high) as ci_high, max(response_rate) as response_rate
from (
{parts}
) as all_parts
group by metric{"".join(f", {key}" for key in question.keys)}"""  # noqa: S608


def _columns(metrics: Iterable[Metric]) -> list[str]:
    """Everything MetricFlow has to compute for the metrics, each name once."""
    names: list[str] = []
    for metric in metrics:
        names += [metric.name, metric.meta.sample]
        if metric.meta.interval.method != "quantile":
            names += metric.meta.interval_blocks.values()
    return list(dict.fromkeys(names))


def _rows(semantics: Semantics, metrics: Sequence[Metric], question: Question, double: str) -> str:
    """One row per metric from MetricFlow's one row for all. The answer is named once: Spark computes it anew for each
    time it is named."""
    compiled = semantics.sql(
        _columns(metrics), question.grain, question.by, question.where, question.since, question.until
    )
    ends = {metric.name: bounds(metric.meta.interval, double) for metric in metrics}
    values = {metric.name: metric.name for metric in metrics}
    samples = {metric.name: metric.meta.sample for metric in metrics}
    names = " union all ".join(f"select '{metric.name}' as metric" for metric in metrics)
    return f"""with answer as (
{compiled}
)
select listed.metric, {_listed(question.keys)}
    {of_metric(values, double)} as value,
    {of_metric(samples, "bigint")} as n,
    {of_metric({name: low for name, (low, _) in ends.items()}, double)} as ci_low,
    {of_metric({name: high for name, (_, high) in ends.items()}, double)} as ci_high,
    cast(null as {double}) as response_rate
from answer
cross join ({names}) as listed"""  # noqa: S608 (names of the project's own definitions)


def _listed(keys: Iterable[str]) -> str:
    return "".join(f"{key}, " for key in keys)


def _order_statistics(semantics: Semantics, metric: Metric, question: Question, double: str) -> str:
    """The interval of a quantile from the rows themselves: the value block by the fact's entity, ranked per key."""
    interval = metric.meta.interval
    by = tuple(dict.fromkeys((interval.entity, *question.by)))
    finest = semantics.finest_grain([interval.value])
    rows = semantics.sql([interval.value], finest, by, question.where, question.since, question.until)
    period = f"cast(date_trunc('{question.grain}', period_start) as date) as period_start, " if question.grain else ""
    slices = "".join(f"{name}, " for name in question.by)
    measured = f"select {period}{slices}{interval.value} as measured\nfrom (\n{rows}\n) as valued"
    return quantile_bounds(measured, question.keys, interval.quantile, double)


def first_day(day: datetime.date, grain: str) -> datetime.date:
    """The first day of the period ``day`` lies in; weeks begin on Monday."""
    if grain == "week":
        return day - datetime.timedelta(days=day.weekday())
    if grain == "day":
        return day
    month = {"month": day.month, "quarter": day.month - (day.month - 1) % 3, "year": 1}[grain]
    return day.replace(month=month, day=1)


def last_day(day: datetime.date, grain: str) -> datetime.date:
    """The last day of the period ``day`` lies in."""
    # The longest period of each kind, in days: so many days after its first one, the next period has begun.
    longest = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[grain]
    first = first_day(day, grain)
    following = first_day(first + datetime.timedelta(days=longest), grain)
    return following - datetime.timedelta(days=1)
