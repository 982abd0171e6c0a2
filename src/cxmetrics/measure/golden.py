"""Runs golden cases: their rows go into an in-memory DuckDB with the tables the models' contracts declare, and the SQL
is the one MetricFlow compiles for the metric. No dbt run is needed.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import duckdb

from cxmetrics.definitions.golden_case import SCHEMAS, GoldenCase, tables_of
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.measure.baseline import BASELINE_COLUMNS
from cxmetrics.measure.breaks import BREAK
from cxmetrics.measure.measures import has_data, measures
from cxmetrics.measure.question import Question

if TYPE_CHECKING:
    from cxmetrics.definitions.models import Model
    from cxmetrics.definitions.project import Project
    from cxmetrics.measure.compiler import Semantics

TIME_SPINE = "dim_dates"
TOLERANCE = 1e-9
NUMBERS = ("value", "n", "ci_low", "ci_high", "response_rate", *BASELINE_COLUMNS, BREAK)
NO_ROW = tuple(0 if name == "n" else None for name in NUMBERS)
# What a metric gives for one expectation: ``NUMBERS`` by name.
Answer = dict[str, float | None]


def failures(project: Project, semantics: Semantics, golden: GoldenCase) -> list[str]:
    """What differs from the expectations, one sentence each with file and line; empty when the case holds.

    Raises CxError when a row does not fit its model's data types or the metric cannot be computed.
    """
    with facts(project, golden) as connection:
        return list(differences(connection, semantics, golden))


def differences(connection: duckdb.DuckDBPyConnection, semantics: Semantics, golden: GoldenCase) -> Iterator[str]:
    """What differs from the expectations in a database that holds the case's rows, found one by one."""
    for position, actual in enumerate(answers(connection, semantics, golden)):
        yield from compared(golden, position, actual)


def compared(golden: GoldenCase, position: int, actual: Answer, names: Sequence[str] = NUMBERS) -> Iterator[str]:
    """What differs between one expectation and the answer to it, for those of ``names`` that it expects."""
    expected = golden.expect[position]
    for name in names:
        wanted, got = getattr(expected, name), actual[name]
        if name in expected.model_fields_set and not _equal(wanted, got):
            where = f"{golden.source.name}:{golden.source.line(('expect', position))}"
            yield f"{where}: {name} of {golden.metric.name} is {got}, expected {wanted}: {expected.because}"


def answers(connection: duckdb.DuckDBPyConnection, semantics: Semantics, golden: GoldenCase) -> Iterator[Answer]:
    """What the metric gives for each expectation, in their order, in a database that holds the case's rows."""
    for expected in golden.expect:
        question = Question(grain=None if expected.grain == "all" else expected.grain, by=tuple(expected.by))
        rows = _rows(connection, semantics, golden, question)
        key = (*((expected.period,) if question.grain else ()), *expected.by.values())
        yield dict(zip(NUMBERS, rows.get(key, NO_ROW), strict=True))


def _rows(
    connection: duckdb.DuckDBPyConnection, semantics: Semantics, golden: GoldenCase, question: Question
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The metric's rows that have data: key -> ``NUMBERS``."""
    answer = measures(semantics, [golden.metric], question, DuckDBEngine.double)
    has = has_data([golden.metric])
    query = sql("select * from ({answer}) as measured where {has_data}", answer=answer, has_data=has)
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
            _insert(connection, tables_of(project)[name], row, golden, position)
    fill_reporting_dates(connection, project)
    _spine(connection, golden)
    return connection


def create_tables(connection: duckdb.DuckDBPyConnection, project: Project) -> None:
    """The published schemas with the tables of the models' contracts, empty."""
    for schema in SCHEMAS:
        connection.execute(f"create schema {schema}")
    for model in tables_of(project).values():
        columns = ", ".join(f"{DuckDBEngine.identifier(c.name)} {c.data_type}" for c in model.columns)
        connection.execute(f"create table {_relation(model)} ({columns})")


def fill_reporting_dates(connection: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Where rows name a time and not its reporting date, give them the date of that time in UTC: ``created_on`` of
    ``created_at``."""
    for model in tables_of(project).values():
        for column in model.columns:
            time = f"{column.name.removesuffix('_on')}_at"
            if column.name.endswith("_on") and model.column(time):
                connection.execute(
                    sql(
                        "update {relation} set {date} = cast({time} as date) where {date} is null",
                        relation=_relation(model),
                        date=DuckDBEngine.identifier(column.name),
                        time=DuckDBEngine.identifier(time),
                    )
                )


def _insert(
    connection: duckdb.DuckDBPyConnection, model: Model, row: dict[str, Any], golden: GoldenCase, position: int
) -> None:
    insert = sql(
        "insert into {relation} ({columns}) values ({marks})",
        relation=_relation(model),
        columns=joined(map(DuckDBEngine.identifier, row)),
        marks=joined(Sql("?") for _ in row),
    )
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


def _relation(model: Model) -> Sql:
    return DuckDBEngine.relation(str(model.schema), model.name)
