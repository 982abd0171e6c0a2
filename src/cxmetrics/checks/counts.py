"""Full counts: tickets created, tickets open."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.metric import CumulativeDefinition, DerivedDefinition


def counts_are_of_one_block(definitions: Definitions) -> Iterator[Finding]:
    """A count is one simple metric, per period or added up to a state. Zero is a value of a count and not of a rate,
    so whatever else is called a count would have zeros where nothing is known."""
    for metric in definitions.metrics.values():
        if not metric.is_count:
            continue
        block = metric.inputs[0]
        definition = metric.definition
        is_one = isinstance(definition, CumulativeDefinition) or (
            isinstance(definition, DerivedDefinition) and metric.inputs == [block] and definition.expr.strip() == block
        )
        if not is_one or metric.meta.interval.method != "none" or metric.meta.sample != block:
            yield Finding(
                metric.file,
                metric.line_of("unit"),
                "a metric in the unit 'count' is one simple metric, which is its sample, without an interval",
                f"write type: derived with expr: {block} and input_metrics: [{block}], sample: {block} and interval: "
                "{method: none, ...}; or choose another unit",
            )
