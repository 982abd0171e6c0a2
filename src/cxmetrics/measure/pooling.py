"""Metrics whose parts have no common meaning: they are asked by part, or for one part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxmetrics.errors import CxError
from cxmetrics.measure.filters import conditions

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.question import Question


def require_parts(metric: Metric, question: Question) -> None:
    """Raises CxError for a question that would blend the parts of a metric: of the journeys that enter any stage, half
    go on, says a number that moves with how many enter which stage."""
    if not metric.meta.only_by:
        return
    asked = {_plain(name) for name in question.by} | _held(question)
    missing = [name for name in metric.meta.only_by if name not in asked]
    if missing:
        what = f"{metric.name} has no value over all values of {missing[0]}: they have no common meaning"
        example = " ".join(f"--by {name}" for name in missing)
        raise CxError(
            what,
            got=", ".join(question.by) or "all",
            next_step=f"add {example}, or --where \"{missing[0]} = '...'\"",
        )


def _held(question: Question) -> set[str]:
    """The dimensions that a filter holds at one value."""
    every = [condition for text in question.where for condition in conditions(text)]
    return {_plain(one.name) for one in every if one.operator in ("=", "in") and len(one.values) == 1}


def _plain(name: str) -> str:
    """Without the way by which the dimension is reached."""
    return name.split("__")[-1]
