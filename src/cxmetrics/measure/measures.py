"""Values with their n and interval, as one portable query over many metrics.

MetricFlow gives a metric and its building blocks in one row; this module turns that into one row per metric, with the
interval computed from the blocks. ``metric_values``, ``cx query`` and the golden cases all read numbers from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cxmetrics.definitions.metric import Quantile
from cxmetrics.measure.counts import counts
from cxmetrics.measure.intervals import bounds, quantile_bounds
from cxmetrics.measure.part_slices import part_rows, part_slice
from cxmetrics.measure.response import response_rates
from cxmetrics.measure.sql import columns, of_metric

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question


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
        ways = tuple(semantics.resolve(name, _needed([metric])).dunder for name in question.by)
        # Facts are not mixed: MetricFlow would join their answers, and other grains ask for other sets of metrics.
        facts = dict.fromkeys(fact for name in _needed([metric]) for fact in semantics.facts(name))
        together.setdefault((semantics.finest_grain([metric.name]), *sorted(facts), *ways), []).append(metric)
    queries += [_group(semantics, group, question, double) for group in together.values()]
    return "\nunion all\n".join(f"select * from (\n{query}\n) as group_{i}" for i, query in enumerate(queries))  # noqa: S608


def has_data(metrics: Sequence[Metric]) -> str:
    """The condition that a row of ``measures`` says anything: somebody was counted, or none is the answer."""
    counted = ", ".join(f"'{metric.name}'" for metric in metrics if metric.is_count)
    return f"value is not null and (n > 0{f' or metric in ({counted})' if counted else ''})"


def _group(semantics: Semantics, metrics: Sequence[Metric], question: Question, double: str) -> str:
    rows = _rows(semantics, metrics, question, double)
    nothing = f"cast(null as {double})"
    beside = [
        f"""select '{metric.name}' as metric, {columns(question.keys)}{nothing} as value, cast(null as bigint) as n,
    ci_low, ci_high, {nothing} as response_rate
from (
{_order_statistics(semantics, metric.meta.interval, question, double)}
) as ranked"""  # noqa: S608 (names of the project's own definitions)
        for metric in metrics
        if isinstance(metric.meta.interval, Quantile)
    ]
    beside += [
        f"""select metric, {columns(question.keys)}{nothing} as value, cast(null as bigint) as n, {nothing} as ci_low,
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
    return f"""select metric, {columns(question.keys)}max(value) as value, max(n) as n, max(ci_low) as ci_low,
    max(ci_high) as ci_high, max(response_rate) as response_rate
from (
{parts}
) as all_parts
group by metric{"".join(f", {key}" for key in question.keys)}"""  # noqa: S608


def _needed(metrics: Iterable[Metric]) -> list[str]:
    """Everything MetricFlow has to compute for the metrics, each name once."""
    names: list[str] = []
    for metric in metrics:
        names += [metric.name, metric.meta.sample]
        if not isinstance(metric.meta.interval, Quantile):
            names += metric.meta.interval_blocks.values()
    return list(dict.fromkeys(names))


def _rows(semantics: Semantics, metrics: Sequence[Metric], question: Question, double: str) -> str:
    """One row per metric from MetricFlow's one row for all. The answer is named once: Spark computes it anew for each
    time it is named."""
    compiled = semantics.sql(
        _needed(metrics), question.grain, question.by, question.where, question.since, question.until
    )
    ends = {metric.name: bounds(metric.meta.interval, double) for metric in metrics}
    values = {metric.name: metric.name for metric in metrics}
    samples = {metric.name: metric.meta.sample for metric in metrics}
    names = " union all ".join(f"select '{metric.name}' as metric" for metric in metrics)
    return f"""with answer as (
{compiled}
)
select listed.metric, {columns(question.keys)}
    {of_metric(values, double)} as value,
    {of_metric(samples, "bigint")} as n,
    {of_metric({name: low for name, (low, _) in ends.items()}, double)} as ci_low,
    {of_metric({name: high for name, (_, high) in ends.items()}, double)} as ci_high,
    cast(null as {double}) as response_rate
from answer
cross join ({names}) as listed"""  # noqa: S608 (names of the project's own definitions)


def _order_statistics(semantics: Semantics, interval: Quantile, question: Question, double: str) -> str:
    """The interval of a quantile from the rows themselves: the value block by the fact's entity, ranked per key."""
    by = tuple(dict.fromkeys((interval.entity, *question.by)))
    finest = semantics.finest_grain([interval.value])
    rows = semantics.sql([interval.value], finest, by, question.where, question.since, question.until)
    period = f"cast(date_trunc('{question.grain}', period_start) as date) as period_start, " if question.grain else ""
    slices = columns(question.by)
    measured = f"select {period}{slices}{interval.value} as measured\nfrom (\n{rows}\n) as valued"
    return quantile_bounds(measured, question.keys, interval.quantile, double)
