"""Dimensions a metric's values can be sliced by."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Definitions, Finding
from cxmetrics.definitions.metric import DerivedDefinition, Input, Metric, RatioDefinition
from cxmetrics.definitions.models import Model

# Entities few enough to be a slice by their own id; there are as many customers and tickets as values.
ENTITY_SLICES = ("agent",)
ADDITIVE = ("sum", "sum_boolean", "count")


def slices_can_be_reached(definitions: Definitions) -> Iterator[Finding]:
    """A slice is a dimension of every fact the metric reads, or of something the fact refers to, or its agent."""
    for metric in definitions.metrics.values():
        whole = [block.model for block in definitions.blocks_of(metric)]
        for index, name in enumerate(metric.meta.slices):
            stand_ins = metric.meta.part_slices.get(name, {}).values()
            parts = [definitions.blocks[block].model for block in stand_ins if block in definitions.blocks]
            facts = set(parts or whole)
            if not facts:
                continue
            reached = [set(_dimensions(definitions, definitions.models[fact])) for fact in facts]
            allowed = sorted(set.intersection(*reached))
            if name not in allowed:
                sentence = f"the slice '{name}' is no dimension of {' and '.join(sorted(facts))}"
                line = metric.line_of("slices", index)
                remedy = "name a dimension, or declare the column as one (dimension: {type: categorical})"
                yield Finding(metric.file, line, sentence, remedy, name, allowed)


def part_slices_replace_what_adds_up(definitions: Definitions) -> Iterator[Finding]:
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


def _dimensions(definitions: Definitions, fact: Model) -> Iterator[str]:
    """Categorical dimensions of the fact and, one join away, of the models its foreign entities identify; its agent."""
    yield from (entity for entity in fact.foreign_entities if entity in ENTITY_SLICES)
    models = [fact, *(model for model in definitions.models.values() if model.primary_entity in fact.foreign_entities)]
    for model in models:
        yield from (column.name for column in model.columns if column.is_dimension and column.granularity is None)
