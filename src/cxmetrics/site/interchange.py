"""``osi.json``: the metrics in the open semantic interchange format (OSI 0.1.1), for semantic layers and BI tools.

dbt writes such a file too (``osi_document.json``). It keeps neither label nor owner nor anything of ``config.meta``,
divides integers by integers, reads columns without their dataset and joins any two facts of a customer:
docs/decisions/0028 has the list. This one is made from the definitions themselves. What the format has no key for goes
into its extensions: vendor COMMON, because 0.1.1 knows a closed list of vendors, and below it the key ``cxmetrics``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxmetrics.definitions.doc_text import NULL_RULE, clock_of
from cxmetrics.definitions.metric import DerivedDefinition, RatioDefinition
from cxmetrics.engines.sql import with_names
from cxmetrics.site.metrics_json import block_entries

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.models import Block, Model
    from cxmetrics.site.pages import Catalogue

DOCUMENT = "osi.json"
# The newest version that dbt reads, and the newest that is not in development.
VERSION = "0.1.1"


def write_interchange(folder: Path, catalogue: Catalogue) -> None:
    """Write the interchange file into ``folder``."""
    text = json.dumps(interchange(catalogue), ensure_ascii=False)
    (folder / DOCUMENT).write_text(text + "\n", encoding="utf-8", newline="\n")


def interchange(catalogue: Catalogue) -> dict[str, Any]:
    """The document. A metric the format cannot say is left out, and named with the reason in the model's extension."""
    models = catalogue.project.models()
    facts = {name: model for name, model in models.items() if model.primary_entity}
    expressions = {name: expression(metric, catalogue) for name, metric in catalogue.metrics.items()}
    told = [_metric(catalogue.metrics[name], sql, catalogue) for name, sql in expressions.items() if sql]
    model = {
        "name": str(catalogue.project.settings.data["name"]),
        "description": "Customer service and customer experience; service is a part of experience.",
        "datasets": [_dataset(model, catalogue) for model in facts.values()],
        "relationships": list(_relationships(facts)),
        "metrics": told,
        "custom_extensions": _extension(
            {
                "groups": {name: catalogue.owner(name) for name in catalogue.project.groups()},
                "stages": [{"name": stage.name, "label": stage.label} for stage in catalogue.stages()],
                "left_out": sorted(name for name, sql in expressions.items() if sql is None),
            }
        ),
    }
    return {"version": VERSION, "dialects": ["ANSI_SQL"], "semantic_model": [model]}


def expression(metric: Metric, catalogue: Catalogue) -> str | None:
    """The metric over all time as one expression of ANSI SQL.

    None for one with a filter, for one that has no value over all time (a rate of a month is none of a year) or over
    all parts, and for a survival metric, of which a plain quantile would say something else.

    A running total over all time is the sum of the changes. Divisions are those of real numbers, and by nothing null:
    SQL would divide two counts without the digits after the point.
    """
    definition = metric.definition
    blocks, models = catalogue.project.blocks(), catalogue.project.models()
    inputs = definition.used
    if metric.is_survival or metric.meta.only_by or "all" not in metric.meta.grains:
        return None
    if definition.filter or any(one.filter or one.name not in blocks for one in inputs):
        return None
    if any(blocks[one.name].filter for one in inputs):
        return None
    sums = {one.alias or one.name: _aggregate(blocks[one.name], models[blocks[one.name].model]) for one in inputs}
    if isinstance(definition, RatioDefinition):
        above, below = (sums[one.alias or one.name] for one in inputs)
        return f"CAST({above} AS DOUBLE PRECISION) / NULLIF({below}, 0)"
    if isinstance(definition, DerivedDefinition):
        return with_names(definition.expr, sums)
    return next(iter(sums.values()))


def _baseline(metric: Metric, catalogue: Catalogue) -> str | None:
    """The share over all time that the value is set against."""
    baseline = metric.meta.baseline
    if baseline is None:
        return None
    blocks, models = catalogue.project.blocks(), catalogue.project.models()
    above, below = (
        _aggregate(blocks[name], models[blocks[name].model]) for name in (baseline.successes, baseline.trials)
    )
    return f"CAST({above} AS DOUBLE PRECISION) / NULLIF({below}, 0)"


def _aggregate(block: Block, model: Model) -> str:
    """A simple metric as SQL, as MetricFlow means it; every column with its dataset."""
    columns = {column.name: f"{model.name}.{column.name}" for column in model.columns}
    value = with_names(block.expr or block.name, columns)
    quantile = 0.5 if block.agg == "median" else block.percentile
    written = {
        # MetricFlow counts values and not rows, too.
        "count": f"SUM(CASE WHEN {value} IS NOT NULL THEN 1 ELSE 0 END)",
        "count_distinct": f"COUNT(DISTINCT {value})",
        "sum": f"SUM({value})",
        "sum_boolean": f"SUM(CASE WHEN {value} THEN 1 ELSE 0 END)",
        "average": f"AVG({value})",
        "min": f"MIN({value})",
        "max": f"MAX({value})",
    }
    return written.get(block.agg) or f"PERCENTILE_CONT({quantile}) WITHIN GROUP (ORDER BY {value})"


def _metric(metric: Metric, sql: str, catalogue: Catalogue) -> dict[str, Any]:
    text = catalogue.texts.resolved(metric.description)
    null_rule = clock_of(text).get(NULL_RULE)
    unlike = ", ".join(metric.meta.not_a_proxy_for)
    instructions = [
        f"Unit: {metric.meta.unit}.",
        *([f"{NULL_RULE} {null_rule}"] if null_rule else []),
        *([f"It must not be taken for {unlike}."] if unlike else []),
    ]
    return {
        "name": metric.name,
        "expression": _expression(sql),
        "description": text,
        "ai_context": {
            "synonyms": [metric.label],
            "instructions": " ".join(instructions),
        },
        "custom_extensions": _extension(
            {
                "label": metric.label,
                "domain": metric.domain,
                "group": metric.group,
                "owner": catalogue.owner(metric.group),
                "type": metric.type,
                "meta": metric.meta.model_dump(mode="json"),
                "baseline": _baseline(metric, catalogue),
                "blocks": [block.model_dump(mode="json") for block in block_entries(metric, catalogue)],
            }
        ),
    }


def _dataset(model: Model, catalogue: Catalogue) -> dict[str, Any]:
    primary = [column.name for column in model.columns if column.entity_type == "primary"]
    fields = []
    for column in model.columns:
        field: dict[str, Any] = {"name": column.name, "expression": _expression(column.name)}
        if column.is_dimension:
            field["dimension"] = {"is_time": column.granularity is not None}
        if column.description:
            field["description"] = catalogue.texts.resolved(column.description)
        fields.append(field)
    return {
        "name": model.name,
        "source": f"{model.schema}.{model.name}",
        **({"primary_key": primary} if primary else {}),
        "description": catalogue.texts.resolved(model.description),
        "fields": fields,
    }


def _relationships(facts: dict[str, Model]) -> Iterator[dict[str, Any]]:
    """From every fact that names an entity to the one that has a row for each of it; never between two facts."""
    homes = {column.entity: (model, column) for model in facts.values() for column in _keys(model, "primary")}
    for model in facts.values():
        for column in _keys(model, "foreign"):
            if column.entity in homes:
                home, key = homes[column.entity]
                yield {
                    "name": f"{model.name}_to_{home.name}",
                    "from": model.name,
                    "to": home.name,
                    "from_columns": [column.name],
                    "to_columns": [key.name],
                }


def _keys(model: Model, kind: str) -> list[Any]:
    return [column for column in model.columns if column.entity_type == kind]


def _expression(sql: str) -> dict[str, Any]:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": sql}]}


def _extension(content: dict[str, Any]) -> list[dict[str, str]]:
    return [{"vendor_name": "COMMON", "data": json.dumps({"cxmetrics": content}, ensure_ascii=False)}]
