"""``metrics.json``: every published metric with its definition and what it says now, for programs.

The models below are the format, and ``metrics.schema.json`` beside it is made from them.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import Field
from pydantic.json_schema import GenerateJsonSchema

from cxmetrics.definitions.closed_model import ClosedModel
from cxmetrics.definitions.metric import Domain, Grain, MetricMeta
from cxmetrics.published.schema import BUILD_INFO, METRIC_VALUES, Status, TargetStatus

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.published.build_info import BuildInfo
    from cxmetrics.published.figures import Figure, MetricFigures
    from cxmetrics.site.pages import Catalogue

_COLUMNS = {name: column.description for name, column in METRIC_VALUES.columns.items()}
DOCUMENT, SCHEMA = "metrics.json", "metrics.schema.json"
# Counts up when a program that reads the document would have to change.
FORMAT = 2


class Reading(ClosedModel):
    """The metric in one period, over everything: the row of metrics.metric_values with dimension all."""

    grain: Grain = Field(description=_COLUMNS["grain"])
    period_start: datetime.date = Field(description=_COLUMNS["period_start"])
    value: float | None = Field(description=_COLUMNS["value"])
    n: int = Field(description=_COLUMNS["n"])
    ci_low: float | None = Field(description=_COLUMNS["ci_low"])
    ci_high: float | None = Field(description=_COLUMNS["ci_high"])
    baseline: float | None = Field(description=_COLUMNS["baseline"])
    baseline_n: int | None = Field(description=_COLUMNS["baseline_n"])
    difference: float | None = Field(description=_COLUMNS["difference"])
    difference_low: float | None = Field(description=_COLUMNS["difference_low"])
    difference_high: float | None = Field(description=_COLUMNS["difference_high"])
    series_break: str | None = Field(description=_COLUMNS["series_break"])
    status: Status = Field(description=_COLUMNS["status"])
    target: float | None = Field(description=_COLUMNS["target"])
    target_status: TargetStatus = Field(description=_COLUMNS["target_status"])
    version: int = Field(description=_COLUMNS["version"])


class BlockEntry(ClosedModel):
    """A simple metric: an aggregate over the rows of one published table."""

    name: str = Field(description="Name of the simple metric.")
    table: str = Field(description="Schema and table it reads.")
    aggregation: str = Field(description="How rows become a number, in dbt's words (count, sum_boolean, percentile).")
    expression: str = Field(description="The column or SQL expression that is aggregated.")
    percentile: float | None = Field(description="Which one, where the aggregation is a percentile.")
    time: str | None = Field(description="The column that places a row in a period.")


class MetricEntry(ClosedModel):
    """A published metric: what it is, who answers for it and what it says now."""

    name: str = Field(description="Name, as in metrics.metric_values.")
    label: str = Field(description="Name for people.")
    domain: Domain = Field(description=_COLUMNS["domain"])
    description: str = Field(description="The definition in words (Markdown).")
    type: Literal["ratio", "derived", "cumulative", "survival"] = Field(
        description="dbt's type of the metric; survival is one that dbt and MetricFlow do not have."
    )
    inputs: list[str] = Field(description="Names of the metrics it is made of: for a ratio numerator and denominator.")
    expression: str | None = Field(description="The expression over the inputs of a derived metric.")
    group: str = Field(description="The accountable dbt group.")
    owner: str = Field(description="Name of that group's owner.")
    file: str = Field(description="The metric's file in the project.")
    page: str = Field(description="The metric's page, relative to this document.")
    meta: MetricMeta = Field(description="config.meta.cx of the metric's file, with what it leaves out.")
    blocks: list[BlockEntry] = Field(
        description="Simple metrics of the value, the sample and the interval, then of what stands beside them."
    )
    now: Reading | None = Field(
        description="The newest period that can no longer change, with or without data; null before there is one."
    )
    overall: Reading | None = Field(description="All time at once; null where that is not published.")


class BuildEntry(ClosedModel):
    """The build that was published."""

    as_of: datetime.datetime = Field(description=BUILD_INFO.columns["as_of"].description)
    sources: list[str] = Field(description="Names of the sources that were read.")
    is_synthetic: bool = Field(description=BUILD_INFO.columns["is_synthetic"].description)
    version: str = Field(description=BUILD_INFO.columns["version"].description)
    reporting_timezone: str = Field(description=BUILD_INFO.columns["reporting_timezone"].description)
    week_starts_on: str = Field(description=BUILD_INFO.columns["week_starts_on"].description)


class Document(ClosedModel):
    """Every metric of a cxmetrics project, with its definition and what it says now."""

    schema_file: Literal["metrics.schema.json"] = Field(alias="$schema", description="The schema, beside the document.")
    format: Literal[2] = Field(description="Version of this format; it counts up when a reader would have to change.")
    build: BuildEntry = Field(description="What the numbers were made from.")
    metrics: list[MetricEntry] = Field(description="The metrics, by name.")


def write_metrics_json(folder: Path, info: BuildInfo, catalogue: Catalogue, figures: dict[str, MetricFigures]) -> None:
    """Write the document and its schema into ``folder``."""
    document = Document.model_validate(
        {
            "$schema": SCHEMA,
            "format": FORMAT,
            "build": BuildEntry(
                as_of=info.as_of,
                sources=list(info.sources),
                is_synthetic=info.is_synthetic,
                version=info.version,
                reporting_timezone=info.calendar.time_zone,
                week_starts_on=info.calendar.week_starts_on,
            ),
            "metrics": [_entry(metric, catalogue, figures[metric.name]) for metric in catalogue.metrics.values()],
        }
    )
    _write(folder / DOCUMENT, document.model_dump_json(by_alias=True))
    _write(folder / SCHEMA, json.dumps(document_schema(), indent=1, ensure_ascii=False))


def document_schema() -> dict[str, Any]:
    """The JSON Schema of the document: every object and every key of it is described."""
    schema = Document.model_json_schema(mode="serialization")
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}


def block_entries(metric: Metric, catalogue: Catalogue) -> list[BlockEntry]:
    """The simple metrics of a metric, each once."""
    blocks, models = catalogue.project.blocks(), catalogue.project.models()
    entries = []
    for block in (blocks[name] for name in metric.told_blocks if name in blocks):
        model = models[block.model]
        entries.append(
            BlockEntry(
                name=block.name,
                table=f"{model.schema}.{model.name}",
                aggregation=block.agg,
                expression=block.expr or block.name,
                percentile=block.percentile,
                time=block.agg_time_dimension or model.agg_time_dimension,
            )
        )
    return entries


def _entry(metric: Metric, catalogue: Catalogue, figures: MetricFigures) -> MetricEntry:
    return MetricEntry(
        name=metric.name,
        label=metric.label,
        domain=cast("Domain", metric.domain),
        description=catalogue.texts.resolved(metric.description),
        type=metric.definition.type,
        inputs=metric.inputs,
        expression=getattr(metric.definition, "expr", None),
        group=metric.group,
        owner=catalogue.owner(metric.group),
        file=metric.file,
        page=f"metrics/{metric.name}.html",
        meta=metric.meta,
        blocks=block_entries(metric, catalogue),
        now=_reading(figures.now),
        overall=_reading(figures.overall),
    )


def _reading(figure: Figure | None) -> Reading | None:
    return Reading(**{key: getattr(figure, key) for key in Reading.model_fields}) if figure else None


def _write(file: Path, text: str) -> None:
    file.write_text(text + "\n", encoding="utf-8", newline="\n")
