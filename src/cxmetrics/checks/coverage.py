"""What tells of a metric: without it nobody could say where its data begin and end."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def facts_say_what_tells_of_them(definitions: Definitions) -> Iterator[Finding]:
    """A fact whose tables nobody names would give zeros for the time after a source has stopped."""
    entities = definitions.project.vars.get("source_entities")
    provided = entities.values() if isinstance(entities, dict) else ()
    known = sorted({str(table) for tables in provided if isinstance(tables, list) for table in tables})
    measured = {block.model for block in definitions.blocks.values()}
    for model in definitions.models.values():
        if model.name in measured and not model.told_by:
            sentence = f"{model.name} has simple metrics and does not say which tables tell of its rows"
            help = "config: {meta: {cx: {told_by: [TABLE]}}} below the model, with canonical entities"
            yield Finding(model.file, model.line, sentence, help)
        named = [(model.line, model.told_by), *((column.line, column.told_by) for column in model.columns)]
        for line, table in ((line, table) for line, needs in named for need in needs for table in need):
            if table not in known:
                sentence = f"'told_by' of {model.name} names no canonical entity"
                yield Finding(model.file, line, sentence, "name an entity of source_entities", table, known)
    for metric in definitions.metrics.values():
        for table in (table for need in metric.meta.told_by for table in need):
            if metric.is_written("told_by") and table not in known:
                line = metric.line_of("told_by")
                sentence = "'told_by' names no canonical entity"
                yield Finding(metric.file, line, sentence, "name an entity of source_entities", table, known)
