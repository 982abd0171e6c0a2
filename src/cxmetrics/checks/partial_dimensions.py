"""Dimensions that only a part of a metric knows."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.metric import DerivedDefinition, Input, Metric, RatioDefinition

ADDITIVE = ("sum", "sum_boolean", "count")


def partial_dimensions_replace_what_adds_up(definitions: Definitions) -> Iterator[Finding]:
    """By a part slice the metric is computed from its blocks here and not by MetricFlow, and its parts must add up."""
    for metric in definitions.metrics.values():
        for name, stand_ins in metric.meta.part_slices.items():
            line = metric.line_of("part_slices", name)
            if name not in metric.meta.slices:
                sentence = f"the part slice '{name}' is no slice of the metric"
                yield Finding(metric.file, line, sentence, "name it in slices too", name, metric.meta.slices)
            if not _is_plain(definitions, metric):
                sentence = "only a ratio or an expression of building blocks can be sliced in part"
                remedy = "name building blocks as inputs, without filter, alias or offset"
                yield Finding(metric.file, line, sentence, remedy, metric.type, ["ratio", "derived"])
            for block, stand_in in stand_ins.items():
                line = metric.line_of("part_slices", name, block)
                if block not in metric.blocks:
                    sentence = f"the metric is not made of '{block}'"
                    remedy = "name the block that is to be sliced, and then its stand-in"
                    yield Finding(metric.file, line, sentence, remedy, block, metric.blocks)
                found = definitions.blocks.get(stand_in)
                if found is not None and found.agg not in ADDITIVE:
                    sentence = f"the values of '{stand_in}' by {name} do not add up"
                    yield Finding(metric.file, line, sentence, "name a sum or a count", found.agg, list(ADDITIVE))


def _is_plain(definitions: Definitions, metric: Metric) -> bool:
    definition = metric.definition
    if isinstance(definition, RatioDefinition):
        inputs = [definition.numerator, definition.denominator]
    elif isinstance(definition, DerivedDefinition):
        inputs = definition.input_metrics
    else:
        return False
    # An input that does not exist at all is the finding of another check.
    return all(used == Input(name=used.name) and used.name not in definitions.metrics for used in inputs)
