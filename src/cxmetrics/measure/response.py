"""The response rate beside a survey score: how many of those who were asked answered.

Few answers to many invitations are the very pleased and the very angry. The rate is counted from the invitations to the
very survey, at the same grain, period and dimension; where invitations do not know a dimension or a filter, nothing is
known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cxmetrics.engines.sql import Sql, sql
from cxmetrics.errors import CxError
from cxmetrics.measure.sql import columns, listed_names, of_metric

# Behind a value whose response is low, and what it means.
LOW_MARK = "†"
LEGEND = f"{LOW_MARK} low response: so few of those asked answered that the score speaks for them alone"

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question


def response_rates(semantics: Semantics, metrics: Sequence[Metric], question: Question, double: str) -> Iterator[Sql]:
    """Queries with one row per metric and combination of ``question.keys``: metric, the keys, response_rate."""
    together: dict[tuple[str, ...], list[Metric]] = {}
    for metric in metrics:
        ways = _ways(semantics, metric, question)
        if ways is not None:
            together.setdefault(ways, []).append(metric)
    for group in together.values():
        rates = {
            metric.name: sql(
                "cast({answered} as {double}) / nullif(cast({invited} as {double}), 0)",
                answered=response.answered,
                invited=response.invited,
                double=double,
            )
            for metric in group
            if (response := metric.meta.response)
        }
        blocks = list(dict.fromkeys(name for metric in group for name in _blocks(metric)))
        rows = semantics.sql(blocks, question.grain, question.by, question.where, question.since, question.until)
        yield sql(
            """with invitations as (
{rows}
)
select listed.metric, {keys}
    {rate} as response_rate
from invitations
cross join ({names}) as listed""",
            rows=rows,
            keys=columns(question.keys),
            rate=of_metric(rates, double),
            names=listed_names(rates),
        )


def _blocks(metric: Metric) -> tuple[str, ...]:
    response = metric.meta.response
    return (response.answered, response.invited) if response else ()


def _ways(semantics: Semantics, metric: Metric, question: Question) -> tuple[str, ...] | None:
    """How the invitations reach what is asked; None when they do not, or the metric has no response rate."""
    blocks = _blocks(metric)
    if not blocks:
        return None
    try:
        return tuple(semantics.resolve(name, blocks).dunder for name in (*question.by, *question.filtered))
    except CxError:
        return None
