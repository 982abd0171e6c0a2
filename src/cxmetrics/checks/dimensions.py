"""Dimensions that a metric has values by."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.models import Model

# Entities few enough to be a dimension by their own id; there are as many customers and tickets as values.
DIMENSION_ENTITIES = ("agent",)


def dimensions_can_be_reached(definitions: Definitions) -> Iterator[Finding]:
    """A metric has values by what every fact it reads has, or what the fact refers to, and by its agent."""
    for metric in definitions.metrics.values():
        whole = [block.model for block in definitions.blocks_of(metric)]
        for index, name in enumerate(metric.meta.dimensions):
            substitutes = metric.meta.partial_dimensions.get(name, {}).values()
            parts = [definitions.blocks[block].model for block in substitutes if block in definitions.blocks]
            facts = set(parts or whole)
            if not facts:
                continue
            reached = [set(_dimensions(definitions, definitions.models[fact])) for fact in facts]
            allowed = sorted(set.intersection(*reached))
            if name not in allowed:
                sentence = f"'{name}' is no dimension of {' and '.join(sorted(facts))}"
                line = metric.line_of("dimensions", index)
                help = "name a dimension, or declare the column as one (dimension: {type: categorical})"
                yield Finding(metric.file, line, sentence, help, name, allowed)


def _dimensions(definitions: Definitions, fact: Model) -> Iterator[str]:
    """Categorical dimensions of the fact and, one join away, of the models its foreign entities identify; its agent."""
    yield from (entity for entity in fact.foreign_entities if entity in DIMENSION_ENTITIES)
    models = [fact, *(model for model in definitions.models.values() if model.primary_entity in fact.foreign_entities)]
    for model in models:
        yield from (column.name for column in model.columns if column.is_dimension and column.granularity is None)
