"""Survival metrics: dbt is told to leave their files alone, and they are made of what they say."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.metric import SurvivalDefinition

IGNORED = ".dbtignore"


def survival_metrics_are_hidden_from_dbt(definitions: Definitions) -> Iterator[Finding]:
    """dbt has no type 'survival' and stops at the file; a metric of another type that it does not see has no values."""
    listed = dict(_listed(definitions))
    for metric in definitions.metrics.values():
        if metric.is_survival and metric.file not in listed:
            sentence = "dbt does not know the type 'survival', and would stop at this file"
            yield Finding(metric.file, metric.line_of("type"), sentence, f"add the line {metric.file} to {IGNORED}")
        if not metric.is_survival and metric.file in listed:
            sentence = f"dbt would not see the {metric.type} metric '{metric.name}'"
            yield Finding(IGNORED, listed[metric.file], sentence, "remove the line", metric.file)


def files_that_dbt_ignores_exist(definitions: Definitions) -> Iterator[Finding]:
    """A line for a metric that is gone hides the next one of that name."""
    for name, number in _listed(definitions):
        if not definitions.path(name).is_file():
            yield Finding(IGNORED, number, "there is no such file", "remove the line", name)


def _listed(definitions: Definitions) -> Iterator[tuple[str, int]]:
    """The metric files that dbt is told to leave alone, with their lines."""
    file = definitions.path(IGNORED)
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    for number, line in enumerate(lines, start=1):
        if line.strip().startswith("metrics/"):
            yield line.strip(), number


def survival_metrics_read_one_fact(definitions: Definitions) -> Iterator[Finding]:
    """A time of one case and the end of another would be no estimate of anything."""
    for metric in definitions.metrics.values():
        definition = metric.definition
        if not isinstance(definition, SurvivalDefinition):
            continue
        time, event = definitions.blocks.get(definition.time), definitions.blocks.get(definition.event)
        if time is None or event is None:
            continue
        if time.agg != "sum":
            sentence = "the time of a survival metric is a sum: of one case it is its time"
            yield Finding(metric.file, metric.line_of("time"), sentence, "name a sum", time.agg, ["sum"])
        if event.agg != "sum_boolean":
            sentence = "the event of a survival metric counts the cases that have ended"
            yield Finding(
                metric.file, metric.line_of("event"), sentence, "name such a count", event.agg, ["sum_boolean"]
            )
        if (time.model, time.agg_time_dimension) != (event.model, event.agg_time_dimension):
            sentence = f"'{event.name}' is not of the same rows and the same time as '{time.name}'"
            remedy = "declare both beside one fact, with one agg_time_dimension"
            yield Finding(metric.file, metric.line_of("event"), sentence, remedy, event.model, [time.model])
        primary = definitions.models[time.model].primary_entity
        if primary is not None and definition.entity != primary:
            sentence = f"the entity does not identify one row of {time.model}"
            remedy = "name the primary entity, so that the sum per entity is the time of one case"
            yield Finding(metric.file, metric.line_of("entity"), sentence, remedy, definition.entity, [primary])
        if metric.meta.interval.method != "product_limit":
            sentence = "the interval of a survival metric is that of its own estimate"
            yield Finding(
                metric.file, metric.line_of("interval"), sentence, "leave it out", metric.meta.interval.method
            )
