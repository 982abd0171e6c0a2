"""Golden cases: a few fact rows, and the numbers a metric must give for them.

The case of a metric, ``tests/metrics/<domain>/<metric>.yml``, lists the rows ``given`` to each model (a column that is
not named is null) and what to ``expect`` of the metric, period by period.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from cxmetrics.definitions import yaml_file
from cxmetrics.definitions.closed_model import ClosedModel, validate
from cxmetrics.definitions.metric import Grain, Metric
from cxmetrics.definitions.models import Model
from cxmetrics.definitions.project import Project
from cxmetrics.definitions.yaml_file import YamlFile
from cxmetrics.errors import CxError

# The published schemas that a case can give rows to.
SCHEMAS = ("service", "experience", "journey", "metrics")
# The folder of the cases below the project.
CASES = ("tests", "metrics")
Number = Annotated[float, Field(strict=False)]


class ExpectedRow(ClosedModel):
    """One row of the answer. ``value: null`` means no data; n is exact, the other numbers hold to 1e-9 (relative).

    ``because`` says in words which awkward rows the number is about.
    """

    because: Annotated[str, Field(min_length=1)]
    grain: Grain = "all"
    period: Annotated[datetime.date, Field(strict=False)] | None = None
    by: dict[str, str | bool | int | None] = Field(default_factory=dict)
    value: Number | None
    n: int
    ci_low: Number | None = None
    ci_high: Number | None = None
    response_rate: Number | None = None
    baseline: Number | None = None
    baseline_n: int | None = None
    difference: Number | None = None
    difference_low: Number | None = None
    difference_high: Number | None = None
    is_break: bool | None = None


class CaseFile(ClosedModel):
    """A file below ``tests/metrics/``: rows by model name, and what the metric gives for them."""

    metric: str
    given: Annotated[dict[str, list[dict[str, Any]]], Field(min_length=1)]
    expect: Annotated[list[ExpectedRow], Field(min_length=1)]


@dataclass(frozen=True)
class GoldenCase:
    """The case of one metric and the file it stands in."""

    metric: Metric
    given: dict[str, list[dict[str, Any]]]
    expect: list[ExpectedRow]
    source: YamlFile


def case_path(project: Project, metric: Metric) -> Path:
    """Where the golden case of a metric lies, whether or not it does."""
    return project.root.joinpath(*CASES) / metric.domain / f"{metric.name}.yml"


def read_case(project: Project, path: Path) -> GoldenCase:
    """The case in a file. Raises CxError for its first mistake: a key, a metric, a model or a column unknown."""
    source = yaml_file.read(path, project.root)
    parsed, problems = validate(CaseFile, source.data, source)
    if parsed is None:
        # A misspelt key is also a missing one; what was written says more.
        raise next((problem for problem in problems if problem.got is not None), problems[0])
    metrics = project.metrics()
    if parsed.metric not in metrics:
        line = source.line(("metric",))
        raise CxError("there is no such metric", file=source.name, line=line, got=parsed.metric, allowed=metrics)
    golden = GoldenCase(metrics[parsed.metric], parsed.given, parsed.expect, source)
    _check_rows(project, golden)
    _check_expectations(golden)
    return golden


def tables_of(project: Project) -> dict[str, Model]:
    """The models a metric can read: those of the published schemas whose columns all have a data type."""
    models = {name: model for name, model in project.models().items() if model.schema in SCHEMAS and model.columns}
    return {name: model for name, model in models.items() if all(column.data_type for column in model.columns)}


def _check_rows(project: Project, golden: GoldenCase) -> None:
    tables = tables_of(project)
    for name, rows in golden.given.items():
        if name not in tables:
            line = golden.source.line(("given", name))
            raise CxError("there is no such model", file=golden.source.name, line=line, got=name, allowed=tables)
        columns = [column.name for column in tables[name].columns]
        for position, row in enumerate(rows):
            for column in row:
                if column not in columns:
                    line = golden.source.line(("given", name, position, column))
                    what = f"{name} has no such column"
                    raise CxError(what, file=golden.source.name, line=line, got=column, allowed=columns)


def _check_expectations(golden: GoldenCase) -> None:
    """A period is named exactly where there is one: a forgotten one would otherwise pass as 'no data'. And what the
    metric has no value without is named."""
    for position, expected in enumerate(golden.expect):
        for name in golden.metric.meta.only_by:
            if name not in expected.by:
                raise CxError(
                    f"{golden.metric.name} has values by {name} only",
                    file=golden.source.name,
                    line=golden.source.line(("expect", position)),
                    next_step=f"by: {{{name}: ...}}",
                )
        if (expected.grain == "all") != (expected.period is None):
            raise CxError(
                "grain and period belong together: a grain other than all needs the first day of a period",
                file=golden.source.name,
                line=golden.source.line(("expect", position)),
            )
