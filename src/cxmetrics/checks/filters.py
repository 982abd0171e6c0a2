"""Filters in definitions: what they name exists, and n and the interval can follow them."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.filters import DENOMINATOR_ROLES, NUMERATOR_ROLES, part_filters, references
from cxmetrics.definitions.metric import Metric, RatioDefinition
from cxmetrics.definitions.models import Block, Model

TIME = "TimeDimension"
METRIC_TIME = "metric_time"


def filters_name_known_dimensions(definitions: Definitions) -> Iterator[Finding]:
    """MetricFlow finds out in the middle of a build, and names neither file nor line."""
    for block in definitions.blocks.values():
        if block.filter:
            models = [definitions.models[block.model]]
            yield from _unknown(definitions, models, block.filter, block.file, block.line_of("filter"))
    for metric in definitions.metrics.values():
        if metric.definition.filter:
            models = _models(definitions, metric, metric.blocks)
            yield from _unknown(definitions, models, metric.definition.filter, metric.file, metric.line_of("filter"))
        for used in metric.definition.used:
            if used.filter:
                models = _models(definitions, metric, [used.name])
                yield from _unknown(definitions, models, used.filter, metric.file, metric.line_of_input(used.name))


def _models(definitions: Definitions, metric: Metric, names: list[str]) -> list[Model]:
    """What the simple metrics of these names read, also through other metrics."""
    read = set()
    for name in names:
        if name in definitions.blocks:
            read.add(definitions.blocks[name].model)
        elif name in definitions.metrics and name != metric.name:
            read |= {block.model for block in definitions.blocks_of(definitions.metrics[name])}
    return [definitions.models[name] for name in sorted(read)]


def _unknown(definitions: Definitions, models: list[Model], text: str, file: str, line: int) -> Iterator[Finding]:
    named = references(text)
    if not named:
        help = "write a condition on a dimension, such as {{ Dimension('ticket__channel') }} = 'email'"
        yield Finding(file, line, "the filter names no dimension", help, text)
    for kind, name in named:
        allowed = [set(_names(definitions, model, kind)) for model in models]
        if allowed and name not in set.intersection(*allowed):
            sentence = f"the filter names a {kind} that {' and '.join(model.name for model in models)} cannot reach"
            help = "name a dimension as its entity, two underscores and the column"
            yield Finding(file, line, sentence, help, name, sorted(set.intersection(*allowed)))


def _names(definitions: Definitions, fact: Model, kind: str) -> Iterator[str]:
    """What a filter of this kind can name: of the fact itself, and of the models its entities lead to."""
    if kind == "Entity":
        yield from (column.entity for column in fact.columns if column.entity)
        return
    if kind == TIME:
        yield METRIC_TIME
    reached = [(fact, fact.primary_entity)]
    for model in definitions.models.values():
        if model.primary_entity in fact.foreign_entities:
            reached += [(model, model.primary_entity)]
    for model, entity in reached:
        for column in model.columns:
            if column.is_dimension and (column.granularity is not None) == (kind == TIME):
                yield f"{entity}__{column.name}"


def filters_count_in_n_and_interval(definitions: Definitions) -> Iterator[Finding]:
    """A value of some rows beside the n of others looks surer than it is, or lies outside its own interval."""
    for metric in definitions.metrics.values():
        filters = part_filters(metric)
        parts = {("sample",): filters.sample} | {("interval", role): own for role, own in filters.interval.items()}
        for keys, own in parts.items():
            if own is None:
                sentence = f"the inputs have several filters, and nothing says which of them belongs to '{keys[-1]}'"
                help = "name an input there, give all inputs the same filter, or declare simple metrics with filters"
                yield Finding(metric.file, metric.line_of(*keys), sentence, help)
        if isinstance(metric.definition, RatioDefinition) and metric.meta.unit == "share":
            above, below = filters.inputs
            if missing := [text for text in below if text not in above]:
                sentence = "the numerator counts what the denominator's filter leaves out, so it is no share"
                help = "give the numerator the same filter, or the metric instead of the denominator"
                yield Finding(metric.file, metric.line_of("denominator"), sentence, help, missing[0])
        yield from _unlike_blocks(definitions, metric)


def _unlike_blocks(definitions: Definitions, metric: Metric) -> Iterator[Finding]:
    """Simple metrics with filters of their own, where another one that goes with them has none or another."""
    roles = metric.meta.interval_blocks
    groups: list[list[tuple[tuple[str, ...], str]]] = [
        [(("interval", role), name) for role, name in roles.items() if role in NUMERATOR_ROLES],
        [
            (("sample",), metric.meta.sample),
            *((("interval", role), name) for role, name in roles.items() if role in DENOMINATOR_ROLES),
        ],
    ]
    if not isinstance(metric.definition, RatioDefinition):
        del groups[1][0]
    for group in groups:
        blocks = [(keys, definitions.blocks[name]) for keys, name in group if name in definitions.blocks]
        for keys, block in blocks[1:]:
            first: Block = blocks[0][1]
            if (block.filter or "") != (first.filter or ""):
                sentence = f"'{block.name}' has another filter than '{first.name}', which it goes with"
                yield Finding(metric.file, metric.line_of(*keys), sentence, "give both the same filter", block.filter)
