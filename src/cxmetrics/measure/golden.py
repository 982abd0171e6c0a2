"""Golden cases: a few fact rows, and the numbers a metric must give for them.

The case of a metric, ``tests/metrics/<domain>/<metric>.yml``, lists the rows ``given`` to each model (a column that is
not named is null) and what to ``expect`` of the metric, period by period. The rows go into an in-memory DuckDB with the
tables the models' contracts declare, and the SQL is the one MetricFlow compiles for the metric: no dbt run.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import duckdb
from pydantic import Field

from cxmetrics.definitions import yaml_file
from cxmetrics.definitions.closed_model import ClosedModel, validate
from cxmetrics.definitions.metric import GRAINS
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.errors import CxError
from cxmetrics.measure.measures import has_data, measures
from cxmetrics.measure.question import Question

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.models import Model
    from cxmetrics.definitions.project import Project
    from cxmetrics.definitions.yaml_file import YamlFile
    from cxmetrics.measure.compiler import Semantics

SCHEMAS = ("service", "experience", "journey", "metrics")
TIME_SPINE = "dim_dates"
TOLERANCE = 1e-9
NUMBERS = ("value", "n", "ci_low", "ci_high", "response_rate")
Number = Annotated[float, Field(strict=False)]


class Expectation(ClosedModel):
    """One row of the answer. ``value: null`` means no data; n is exact, the other numbers hold to 1e-9 (relative).

    ``because`` says in words which awkward rows the number is about.
    """

    because: Annotated[str, Field(min_length=1)]
    grain: Literal[GRAINS] = "all"
    period: Annotated[datetime.date, Field(strict=False)] | None = None
    by: dict[str, str | bool | int | None] = Field(default_factory=dict)
    value: Number | None
    n: int
    ci_low: Number | None = None
    ci_high: Number | None = None
    response_rate: Number | None = None


class CaseFile(ClosedModel):
    """A file below ``tests/metrics/``: rows by model name, and what the metric gives for them."""

    metric: str
    given: Annotated[dict[str, list[dict[str, Any]]], Field(min_length=1)]
    expect: Annotated[list[Expectation], Field(min_length=1)]


@dataclass(frozen=True)
class GoldenCase:
    """The case of one metric and the file it stands in."""

    metric: Metric
    given: dict[str, list[dict[str, Any]]]
    expect: list[Expectation]
    source: YamlFile


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


def failures(project: Project, semantics: Semantics, golden: GoldenCase) -> list[str]:
    """What differs from the expectations, one sentence each with file and line; empty when the case holds.

    Raises CxError when a row does not fit its model's data types or the metric cannot be computed.
    """
    with facts(project, golden) as connection:
        return list(differences(connection, semantics, golden))


def differences(connection: duckdb.DuckDBPyConnection, semantics: Semantics, golden: GoldenCase) -> Iterator[str]:
    """What differs from the expectations in a database that holds the case's rows, found one by one."""
    for position, expected in enumerate(golden.expect):
        question = Question(grain=None if expected.grain == "all" else expected.grain, by=tuple(expected.by))
        answer = _answer(connection, semantics, golden, question)
        key = (*((expected.period,) if question.grain else ()), *expected.by.values())
        actual = answer.get(key, (None, 0, None, None, None))
        for name, got in zip(NUMBERS, actual, strict=True):
            wanted = getattr(expected, name)
            if name in expected.model_fields_set and not _equal(wanted, got):
                where = f"{golden.source.name}:{golden.source.line(('expect', position))}"
                yield f"{where}: {name} of {golden.metric.name} is {got}, expected {wanted}: {expected.because}"


def _answer(
    connection: duckdb.DuckDBPyConnection, semantics: Semantics, golden: GoldenCase, question: Question
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The metric's rows that have data: key -> ``NUMBERS``."""
    answer = measures(semantics, [golden.metric], question, DuckDBEngine.double)
    query = f"select * from ({answer}) as measured where {has_data([golden.metric])}"  # noqa: S608
    try:
        rows = connection.execute(query).fetchall()
    except duckdb.Error as error:
        raise CxError(
            f"{golden.metric.name} cannot be computed: {str(error).splitlines()[0]}",
            file=golden.metric.file,
            line=golden.metric.line_of("name"),
        ) from error
    keys = len(question.keys)
    return {row[1 : 1 + keys]: row[1 + keys :] for row in rows}


def _equal(wanted: float | None, got: float | None) -> bool:
    if wanted is None or got is None:
        return wanted is got
    return math.isclose(wanted, got, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def facts(project: Project, golden: GoldenCase) -> duckdb.DuckDBPyConnection:
    """A database with the tables of the models' contracts and the case's rows in them."""
    connection = duckdb.connect(":memory:")
    connection.execute("set TimeZone = 'UTC'; attach ':memory:' as cx; use cx")
    create_tables(connection, project)
    for name, rows in golden.given.items():
        for position, row in enumerate(rows):
            _insert(connection, _tables(project)[name], row, golden, position)
    _spine(connection, golden)
    return connection


def create_tables(connection: duckdb.DuckDBPyConnection, project: Project) -> None:
    """The published schemas with the tables of the models' contracts, empty."""
    for schema in SCHEMAS:
        connection.execute(f"create schema {schema}")
    for model in _tables(project).values():
        columns = ", ".join(f"{DuckDBEngine.identifier(c.name)} {c.data_type}" for c in model.columns)
        connection.execute(f"create table {_relation(model)} ({columns})")


def _insert(
    connection: duckdb.DuckDBPyConnection, model: Model, row: dict[str, Any], golden: GoldenCase, position: int
) -> None:
    columns = ", ".join(DuckDBEngine.identifier(name) for name in row)
    marks = ", ".join("?" for _ in row)
    insert = f"insert into {_relation(model)} ({columns}) values ({marks})"  # noqa: S608 (names checked before)
    try:
        connection.execute(insert, list(row.values()))
    except duckdb.Error as error:
        line = golden.source.line(("given", model.name, position))
        raise CxError(
            f"the row does not fit {model.name}: {str(error).splitlines()[0]}", file=golden.source.name, line=line
        ) from error


def _spine(connection: duckdb.DuckDBPyConnection, golden: GoldenCase) -> None:
    """Every day from the first to the last one the case speaks of."""
    given = [value for rows in golden.given.values() for row in rows for value in row.values()]
    days = [value.date() if isinstance(value, datetime.datetime) else value for value in given]
    days = [day for day in [*days, *(e.period for e in golden.expect)] if isinstance(day, datetime.date)]
    if days:
        connection.execute(
            f"insert into metrics.{TIME_SPINE} (date_day)"
            " select cast(unnest(generate_series(cast(? as date), cast(? as date), interval '1' day)) as date)",
            [min(days), max(days)],
        )


def _tables(project: Project) -> dict[str, Model]:
    """The models a metric can read: those of the published schemas whose columns all have a data type."""
    models = {name: model for name, model in project.models().items() if model.schema in SCHEMAS and model.columns}
    return {name: model for name, model in models.items() if all(column.data_type for column in model.columns)}


def _relation(model: Model) -> str:
    return f"{DuckDBEngine.identifier(str(model.schema))}.{DuckDBEngine.identifier(model.name)}"


def _check_rows(project: Project, golden: GoldenCase) -> None:
    tables = _tables(project)
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
    """A period is named exactly where there is one: a forgotten one would otherwise pass as 'no data'."""
    for position, expected in enumerate(golden.expect):
        if (expected.grain == "all") != (expected.period is None):
            raise CxError(
                "grain and period belong together: a grain other than all needs the first day of a period",
                file=golden.source.name,
                line=golden.source.line(("expect", position)),
            )
