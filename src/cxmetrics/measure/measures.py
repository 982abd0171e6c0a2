"""Values with their n and interval, as one portable query over many metrics.

MetricFlow gives a metric and its simple metrics in one row; this module turns that into one row per metric, with the
interval computed from the blocks. ``metric_values``, ``cx query`` and the golden cases all read numbers from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from cxmetrics.definitions.metric import Quantile, SurvivalDefinition
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.measure.baseline import with_baselines
from cxmetrics.measure.breaks import with_breaks
from cxmetrics.measure.counts import counts
from cxmetrics.measure.filtered import filtered, narrower, value
from cxmetrics.measure.intervals import bounds, quantile_bounds
from cxmetrics.measure.partial_dimensions import part_rows, partial_dimension
from cxmetrics.measure.response import response_rates
from cxmetrics.measure.sql import after, columns, first_day_sql, listed_names, of_metric
from cxmetrics.measure.survival import survival

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question

UNION = "\nunion all\n"


def measures(semantics: Semantics, metrics: Sequence[Metric], question: Question, double: str) -> Sql:
    """A query with one row per metric and combination of ``question.keys`` that has facts.

    Columns: metric, the keys, value, n (bigint, null when there is no fact at all), ci_low, ci_high, response_rate,
    ``BASELINE_COLUMNS`` and ``BREAK``.
    Metrics of the same facts that reach the dimensions by the same way share one MetricFlow query. Raises CxError like
    ``Semantics.sql`` and ``filtered``.
    """
    question = question.widened(semantics.calendar)
    together: dict[tuple[str, ...], list[Metric]] = {}
    queries = []
    own = [filtered(semantics, metric) for metric in metrics]
    for metric in own:
        if part := partial_dimension(metric, question):
            queries.append(part_rows(semantics, metric, question, part, double))
            continue
        if isinstance(metric.definition, SurvivalDefinition):
            queries.append(survival(semantics, metric.name, metric.definition, question, double))
            continue
        if metric.is_count:
            queries.append(counts(semantics, metric, question, double))
            continue
        ways = tuple(semantics.resolve(name, _needed([metric])).dunder for name in question.by)
        # Facts are not mixed: MetricFlow would join their answers, and other grains ask for other sets of metrics.
        facts = dict.fromkeys(fact for name in _needed([metric]) for fact in semantics.facts(name))
        together.setdefault((semantics.finest_grain([metric.name]), *sorted(facts), *ways), []).append(metric)
    zeros = {one: other for metric in metrics for one, other in narrower(semantics, metric).items()}
    queries += [_group(semantics, group, question, double, zeros) for group in together.values()]
    groups = [sql("select * from (\n{query}\n) as group_{i}", query=query, i=i) for i, query in enumerate(queries)]
    answers = with_baselines(semantics, own, question, joined(groups, UNION), double)
    return with_breaks(semantics, own, question, answers, double)


def has_data(metrics: Sequence[Metric]) -> Sql:
    """The condition that a row of ``measures`` says anything: somebody was counted, or none is the answer. Of cases
    that wait, a quantile that is not reached says something too."""
    counted = joined(sql("'{name}'", name=metric.name) for metric in metrics if metric.is_count)
    waiting = joined(sql("'{name}'", name=metric.name) for metric in metrics if metric.is_survival)
    or_none = sql(" or metric in ({counted})", counted=counted) if counted else Sql()
    or_waiting = sql(" or metric in ({waiting}) and n > 0", waiting=waiting) if waiting else Sql()
    return sql("(value is not null and (n > 0{or_none}){or_waiting})", or_none=or_none, or_waiting=or_waiting)


def _group(
    semantics: Semantics, metrics: Sequence[Metric], question: Question, double: str, zeros: dict[str, str]
) -> Sql:
    rows = _rows(semantics, metrics, question, double, zeros)
    keys, nothing = columns(question.keys), sql("cast(null as {double})", double=double)
    beside = [
        sql(
            """select '{metric}' as metric, {keys}{nothing} as value, cast(null as bigint) as n,
    ci_low, ci_high, {nothing} as response_rate
from (
{statistics}
) as ranked""",
            metric=metric.name,
            keys=keys,
            nothing=nothing,
            statistics=_order_statistics(semantics, metric.meta.interval, question, double),
        )
        for metric in metrics
        if isinstance(metric.meta.interval, Quantile)
    ]
    beside += [
        sql(
            """select metric, {keys}{nothing} as value, cast(null as bigint) as n, {nothing} as ci_low,
    {nothing} as ci_high, response_rate
from (
{rates}
) as answered_invitations""",
            keys=keys,
            nothing=nothing,
            rates=rates,
        )
        for rates in response_rates(semantics, metrics, question, double)
    ]
    if not beside:
        return rows
    # Grouped rather than joined: keys may be null, and PostgreSQL cannot hash a join on "is not distinct from".
    return sql(
        """select metric, {keys}max(value) as value, max(n) as n, max(ci_low) as ci_low,
    max(ci_high) as ci_high, max(response_rate) as response_rate
from (
{parts}
) as all_parts
group by metric{by}""",
        keys=keys,
        parts=joined([sql("select * from (\n{rows}\n) as answered", rows=rows), *beside], UNION),
        by=after(question.keys),
    )


def _needed(metrics: Iterable[Metric]) -> list[str]:
    """Everything MetricFlow has to compute for the metrics, each name once."""
    names: list[str] = []
    for metric in metrics:
        names += [metric.name, metric.meta.sample]
        if not isinstance(metric.meta.interval, Quantile):
            names += metric.meta.interval_blocks.values()
    return list(dict.fromkeys(names))


def _rows(
    semantics: Semantics, metrics: Sequence[Metric], question: Question, double: str, zeros: dict[str, str]
) -> Sql:
    """One row per metric from MetricFlow's one row for all. The answer is named once: Spark computes it anew for each
    time it is named. ``zeros`` are simple metrics that are zero, and not null, where another has a value."""
    needed = _needed(metrics)
    used = {metric.name: [name for name in metric.blocks if name in zeros] for metric in metrics}
    filled = {name: zeros[name] for names in used.values() for name in names}
    asked = list(dict.fromkeys([*needed, *filled, *filled.values(), *_inputs_of(metrics, used)]))
    compiled = semantics.sql(asked, question.grain, question.by, question.where, question.since, question.until)
    if filled:
        kept = [*question.keys, *(name for name in asked if name not in filled)]
        zero = "case when {one} is null and {other} is not null then 0 else {one} end as {one}"
        compiled = sql(
            "select {kept}, {filled}\nfrom (\n{compiled}\n) as told",
            kept=joined(kept),
            filled=joined(sql(zero, one=one, other=other) for one, other in filled.items()),
            compiled=compiled,
        )
    ends = {metric.name: bounds(metric.meta.interval, double) for metric in metrics}
    values = {metric.name: value(metric, double) if used[metric.name] else Sql(metric.name) for metric in metrics}
    samples = {metric.name: metric.meta.sample for metric in metrics}
    return sql(
        """with answer as (
{compiled}
)
select listed.metric, {keys}
    {value} as value,
    {n} as n,
    {ci_low} as ci_low,
    {ci_high} as ci_high,
    cast(null as {double}) as response_rate
from answer
cross join ({names}) as listed""",
        compiled=compiled,
        keys=columns(question.keys),
        value=of_metric(values, double),
        n=of_metric(samples, "bigint"),
        ci_low=of_metric({name: low for name, (low, _) in ends.items()}, double),
        ci_high=of_metric({name: high for name, (_, high) in ends.items()}, double),
        double=double,
        names=listed_names(ends),
    )


def _inputs_of(metrics: Sequence[Metric], used: dict[str, list[str]]) -> Iterator[str]:
    """What the values of metrics with such simple metrics are computed from."""
    for metric in metrics:
        if used[metric.name]:
            yield from metric.inputs


def _order_statistics(semantics: Semantics, interval: Quantile, question: Question, double: str) -> Sql:
    """The interval of a quantile from the rows themselves: the value block by the fact's entity, ranked per key."""
    by = tuple(dict.fromkeys((interval.entity, *question.by)))
    finest = semantics.finest_grain([interval.value])
    rows = semantics.sql([interval.value], finest, by, question.where, question.since, question.until)
    period = Sql()
    if question.grain:
        first_day = first_day_sql(question.grain, "period_start", semantics.calendar)
        period = sql("{first_day} as period_start, ", first_day=first_day)
    measured = sql(
        "select {period}{dimensions}{value} as measured\nfrom (\n{rows}\n) as valued",
        period=period,
        dimensions=columns(question.by),
        value=interval.value,
        rows=rows,
    )
    return quantile_bounds(measured, question.keys, interval.quantile, double)
