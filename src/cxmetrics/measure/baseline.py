"""The share that a value is set against, and the difference between the two.

A share of those to whom something happened says nothing by itself: 43 % of those who leave said no word before, and so
did 43 % of those who stay. Their share is counted at the same grain, period and dimension; where their fact does not
know a dimension or a filter, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cxmetrics.definitions.metric import Wilson
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.measure.intervals import difference, wilson
from cxmetrics.measure.sql import after, columns, listed_names, of_metric

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question

# What ``with_baselines`` adds to the columns of an answer.
BASELINE_COLUMNS = ("baseline", "baseline_n", "difference", "difference_low", "difference_high")
# Columns of an answer without it, and of a row of the baseline, beside metric and keys.
ANSWER = ("value", "n", "ci_low", "ci_high", "response_rate")
SIDE = ("baseline", "baseline_n", "baseline_low", "baseline_high")
COUNTS = ("n", "baseline_n")


def with_baselines(
    semantics: Semantics, metrics: Sequence[Metric], question: Question, answers: Sql, double: str
) -> Sql:
    """``answers`` (metric, the keys and ``ANSWER``) with ``BASELINE_COLUMNS``, null for a metric without baseline."""
    beside = list(_baselines(semantics, metrics, question, double))
    if not beside:
        nothing = _nothing(BASELINE_COLUMNS, double)
        template = "select answered.*, {nothing}\nfrom (\n{answers}\n) as answered"
        return sql(template, nothing=nothing, answers=answers)
    keys = columns(question.keys)
    parts = [
        sql(
            "select metric, {keys}{answer}, {nothing} from (\n{answers}\n) as answered",
            keys=keys,
            answer=joined(ANSWER),
            nothing=_nothing(SIDE, double),
            answers=answers,
        ),
        *(
            sql(
                "select metric, {keys}{nothing}, {side} from (\n{rows}\n) as set_against",
                keys=keys,
                nothing=_nothing(ANSWER, double),
                side=joined(SIDE),
                rows=rows,
            )
            for rows in beside
        ),
    ]
    low, high = difference("value", "ci_low", "ci_high", "baseline", "baseline_low", "baseline_high")
    # Grouped rather than joined: keys may be null, and PostgreSQL cannot hash a join on "is not distinct from".
    return sql(
        """select metric, {keys}{answer}, baseline, baseline_n, value - baseline as difference,
    {low} as difference_low, {high} as difference_high
from (
    select metric, {keys}{most}
    from (
{parts}
    ) as all_parts
    group by metric{by}
) as together""",
        keys=keys,
        answer=joined(ANSWER),
        low=low,
        high=high,
        most=joined(sql("max({name}) as {name}", name=name) for name in (*ANSWER, *SIDE)),
        parts=joined(parts, "\nunion all\n"),
        by=after(question.keys),
    )


def _nothing(names: Sequence[str], double: str) -> Sql:
    """The columns as nulls of their types."""
    types = {name: "bigint" if name in COUNTS else double for name in names}
    return joined(sql("cast(null as {type}) as {name}", type=of, name=name) for name, of in types.items())


def _baselines(semantics: Semantics, metrics: Sequence[Metric], question: Question, double: str) -> Iterator[Sql]:
    """Queries with one row per metric and combination of ``question.keys``: metric, the keys and ``SIDE``."""
    together: dict[tuple[str, ...], list[Metric]] = {}
    for metric in metrics:
        ways = _ways(semantics, metric, question)
        if ways is not None:
            together.setdefault(ways, []).append(metric)
    for group in together.values():
        blocks = list(dict.fromkeys(name for metric in group for name in _blocks(metric)))
        rows = semantics.sql(blocks, question.grain, question.by, question.where, question.since, question.until)
        shares, counts, lows, highs = {}, {}, {}, {}
        for metric in group:
            successes, trials = _blocks(metric)
            counts[metric.name] = trials
            shares[metric.name] = sql(
                "cast({successes} as {double}) / nullif(cast({trials} as {double}), 0)",
                successes=successes,
                trials=trials,
                double=double,
            )
            lows[metric.name], highs[metric.name] = wilson(
                Wilson(method="wilson", successes=successes, trials=trials), double
            )
        yield sql(
            """with others as (
{rows}
)
select listed.metric, {keys}{share} as baseline, {n} as baseline_n, {low} as baseline_low, {high} as baseline_high
from others
cross join ({names}) as listed""",
            rows=rows,
            keys=columns(question.keys),
            share=of_metric(shares, double),
            n=of_metric(counts, "bigint"),
            low=of_metric(lows, double),
            high=of_metric(highs, double),
            names=listed_names(shares),
        )


def _blocks(metric: Metric) -> tuple[str, ...]:
    baseline = metric.meta.baseline
    return (baseline.successes, baseline.trials) if baseline else ()


def _ways(semantics: Semantics, metric: Metric, question: Question) -> tuple[str, ...] | None:
    """How the facts of the baseline reach what is asked; None when they do not, or the metric has no baseline."""
    blocks = _blocks(metric)
    if not blocks:
        return None
    try:
        ways = (semantics.resolve(name, blocks).dunder for name in (*question.by, *question.filtered))
        return (semantics.finest_grain(blocks), *dict.fromkeys(f for b in blocks for f in semantics.facts(b)), *ways)
    except CxError:
        return None
