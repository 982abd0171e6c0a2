"""Dimensions that only a part of a metric knows."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.metric import DerivedDefinition, Input, Metric, RatioDefinition

ADDITIVE = ("sum", "sum_boolean", "count")


def partial_dimensions_replace_what_adds_up(definitions: Definitions) -> Iterator[Finding]:
    """By a partial dimension a metric is computed from its blocks and not by MetricFlow, so its parts must add up."""
    for metric in definitions.metrics.values():
        for name, substitutes in metric.meta.partial_dimensions.items():
            line = metric.line_of("partial_dimensions", name)
            if name not in metric.meta.dimensions:
                sentence = f"the partial dimension '{name}' is no dimension of the metric"
                yield Finding(metric.file, line, sentence, "name it in dimensions too", name, metric.meta.dimensions)
            if not _is_plain(definitions, metric):
                sentence = "only a ratio or an expression of simple metrics can have a partial dimension"
                help = "name simple metrics as inputs, without filter, alias or offset"
                yield Finding(metric.file, line, sentence, help, metric.type, ["ratio", "derived"])
            for block, substitute in substitutes.items():
                line = metric.line_of("partial_dimensions", name, block)
                if block not in metric.blocks:
                    sentence = f"the metric is not made of '{block}'"
                    help = "name the simple metric that has no such dimension, and then the one that replaces it"
                    yield Finding(metric.file, line, sentence, help, block, metric.blocks)
                found = definitions.blocks.get(substitute)
                if found is not None and found.agg not in ADDITIVE:
                    sentence = f"the values of '{substitute}' by {name} do not add up"
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
