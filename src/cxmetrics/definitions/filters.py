"""The filters of a metric file, in MetricFlow's words: which part of a metric each is about, and what it names.

A filter of the metric is about everything; that of an input is about the input and what stands for it in n and in the
interval.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxmetrics.definitions.metric import RatioDefinition

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric

# ``{{ Dimension('ticket__channel') }}``: what is named, and the kind of it.
REFERENCE = re.compile(r"\{\{\s*(?P<kind>[A-Za-z]+)\(\s*(?P<quote>['\"])(?P<name>[^'\"]*)(?P=quote)(?P<rest>[^{}]*)\)")
# Interval roles that stand for the numerator of a ratio, and for its denominator; ``xy`` stands for both.
NUMERATOR_ROLES = ("successes", "sum", "sum_of_squares", "x", "xx")
DENOMINATOR_ROLES = ("trials", "count", "y", "yy")

Filters = tuple[str, ...]


@dataclass(frozen=True)
class PartFilters:
    """The filters of each part of a metric; None where its inputs have several and nothing says which is meant."""

    inputs: tuple[Filters, ...]
    sample: Filters | None
    interval: dict[str, Filters | None]

    @property
    def any(self) -> bool:
        return any(self.inputs)


def part_filters(metric: Metric) -> PartFilters:
    """Which filters count in the inputs, in n and in each role of the interval."""
    of_all = (metric.definition.filter,) if metric.definition.filter else ()
    inputs = tuple((*of_all, *((used.filter,) if used.filter else ())) for used in metric.definition.used)
    roles = metric.meta.interval_blocks
    if isinstance(metric.definition, RatioDefinition):
        above, below = inputs
        both = tuple(dict.fromkeys((*above, *below)))
        sides = dict.fromkeys(NUMERATOR_ROLES, above) | dict.fromkeys(DENOMINATOR_ROLES, below)
        return PartFilters(inputs, below, {role: sides.get(role, both) for role in roles})

    def of_block(block: str) -> Filters | None:
        own = [filters for used, filters in zip(metric.definition.used, inputs, strict=True) if used.name == block]
        found = set(own or inputs)
        return found.pop() if len(found) == 1 else None

    return PartFilters(inputs, of_block(metric.meta.sample), {role: of_block(name) for role, name in roles.items()})


def references(text: str) -> list[tuple[str, str]]:
    """What a filter names, in order: the kind (``Dimension``) and the name (``ticket__channel``)."""
    return [(found["kind"], found["name"]) for found in REFERENCE.finditer(text)]


def renamed(text: str, name: Callable[[str], str]) -> str:
    """The filter with every name that it refers to replaced by what ``name`` makes of it."""
    return REFERENCE.sub(lambda found: found[0].replace(found["name"], name(found["name"]), 1), text)
