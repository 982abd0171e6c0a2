"""Golden journeys: what happened to a few customers, and the journeys and stages the models must make of it.

A file below ``tests/journeys/`` lists the rows ``given`` of the canonical entities, as a source's staging models give
them (a column that is not named is null), and the journeys to ``expect``: all of them, each with the columns of
``fct_journeys`` it is about and every stage it reached. dbt compiles the models once in a test run; a history then
takes them through an in-memory DuckDB, without a dbt run.
"""

from __future__ import annotations

import datetime
import json
import math
import os
import sys
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Annotated, Any

import duckdb
from pydantic import Field

from cxmetrics.definitions import yaml_file
from cxmetrics.definitions.closed_model import ClosedModel, validate
from cxmetrics.definitions.project import Project
from cxmetrics.engines.sql import joined, sql
from cxmetrics.errors import CxError
from support.programs import run_program
from support.seed_files import journey_stages
from support.workplace import ROOT

MARTS = (
    "fct_journeys",
    "fct_journey_stages",
    "fct_churned_customers",
    "dual_lens",
    "contact_ownership",
    "experience_audit",
    # Read by the cases of customers.
    "dim_customers",
    "fct_customer_horizons",
    "fct_customer_months",
    "fct_customer_values",
    "fct_subscriptions",
    "fct_risk_events",
    # Read by the cases of coverage.
    "fct_backlog",
    "fct_help_sessions",
    "fct_interactions",
    "fct_survey_invitations",
    "fct_service_failures",
    # Read by data tests alone.
    "fct_orders",
    "fct_survey_responses",
    "fct_tickets",
)
# Those that say of journeys, and of what is made of them, that they add up.
DATA_TESTS = (
    "churned_customers_and_owners_add_up",
    "efforts_of_a_kind_even_out",
    "journeys_end_in_one_stage",
    "journeys_hold_everything_once",
    "segments_of_the_audit_add_up",
)
STAGES = journey_stages()
STAGING = "stg_canonical__"
# Stands in the compiled SQL where each history puts its own.
AS_OF = datetime.date(2222, 2, 22)


class Journey(ClosedModel):
    """One journey: columns of fct_journeys, of fct_journey_stages by stage, and of fct_churned_customers. A stage that
    is not named is not reached."""

    because: Annotated[str, Field(min_length=1)]
    columns: dict[str, Any]
    stages: dict[str, dict[str, Any]] = Field(default_factory=dict)
    churned: dict[str, Any] | None = None


class HistoryFile(ClosedModel):
    """``as_of`` is the day the build describes, to its end."""

    history: Annotated[str, Field(min_length=1)]
    as_of: Annotated[datetime.date, Field(strict=False)]
    given: Annotated[dict[str, list[dict[str, Any]]], Field(min_length=1)]
    expect: dict[str, Journey]


@dataclass(frozen=True)
class CompiledModels:
    """The models from the canonical entities to the marts, in the order in which they can be run."""

    entities: dict[str, dict[str, str]]
    seeds: dict[str, str]
    queries: dict[str, tuple[str, str]]
    data_tests: dict[str, str]


def compile_models(target: Path) -> None:
    """Let dbt compile what leads to the journeys, for a source that has every entity."""
    dbt = Path(sys.executable).with_name("dbt")
    places = {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target), "CX_WAREHOUSE": str(target)}
    (target / "build").mkdir(exist_ok=True)
    command = [
        str(dbt),
        "--quiet",
        "compile",
        "--no-introspect",
        "--profiles-dir",
        str(ROOT),
        "--project-dir",
        str(ROOT),
    ]
    command += ["--vars", json.dumps({"as_of": str(AS_OF)}), "--select", *(f"+{mart}" for mart in MARTS)]
    done = run_program(command, env={**os.environ, **places}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def compiled_models(project: Project, target: Path) -> CompiledModels:
    """What ``compile_models`` left in ``target``."""
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    wanted, waiting = set(), [f"model.cxmetrics.{mart}" for mart in MARTS]
    while waiting:
        name = waiting.pop()
        if name in nodes and name not in wanted:
            wanted.add(name)
            waiting += [] if STAGING in name else nodes[name]["depends_on"].get("nodes", [])
    order = TopologicalSorter({name: set(nodes[name]["depends_on"].get("nodes", [])) & wanted for name in wanted})
    entities, seeds, queries = {}, {}, {}
    for name in order.static_order():
        node = nodes[name]
        if node["name"].startswith(STAGING):
            entity = node["name"].removeprefix(STAGING)
            columns = project.models()[f"int_{entity}"].columns
            entities[entity] = {column.name: column.data_type for column in columns if column.name != "source"}
        elif node["resource_type"] == "seed":
            types = node["config"]["column_types"]
            declared = f", types = {types}" if types else ""
            seeds[node["relation_name"]] = f"read_csv('{project.root / node['original_file_path']}'{declared})"
        else:
            path = target / "compiled" / "cxmetrics" / node["original_file_path"]
            queries[node["name"]] = (node["relation_name"], path.read_text(encoding="utf-8"))
    tests = (target / "compiled" / "cxmetrics" / "tests" / "dbt").glob("*.sql")
    data_tests = {path.stem: path.read_text(encoding="utf-8") for path in sorted(tests)}
    return CompiledModels(entities, seeds, queries, {name: data_tests[name] for name in DATA_TESTS})


def read_history(path: Path, models: CompiledModels) -> HistoryFile:
    """The history in a file. Raises CxError for its first mistake: a key, an entity, a column or a stage unknown."""
    source = yaml_file.read(path, ROOT)
    parsed, problems = validate(HistoryFile, source.data, source)
    if parsed is None:
        raise next((problem for problem in problems if problem.got is not None), problems[0])
    for entity, rows in parsed.given.items():
        if entity not in models.entities:
            line = source.line(("given", entity))
            raise CxError("no such entity", file=source.name, line=line, got=entity, allowed=models.entities)
        allowed = models.entities[entity]
        for position, column in ((position, name) for position, row in enumerate(rows) for name in row):
            if column not in allowed:
                line = source.line(("given", entity, position, column))
                raise CxError(
                    "no such column", file=source.name, line=line, got=column, allowed=models.entities[entity]
                )
    for journey_id, journey in parsed.expect.items():
        for stage in journey.stages:
            if stage not in STAGES:
                line = source.line(("expect", journey_id, "stages", stage))
                raise CxError("no such stage", file=source.name, line=line, got=stage, allowed=STAGES)
    return parsed


def run(models: CompiledModels, history: HistoryFile) -> duckdb.DuckDBPyConnection:
    """A database in which the models have run on the history."""
    connection = prepared(models)
    for entity in models.entities:
        for row in history.given.get(entity, []):
            insert = sql(
                "insert into {table} ({columns}) values ({values})",
                table=f"staging.{STAGING}{entity}",
                columns=joined(row),
                values=joined(sql("${name}", name=name) for name in row),
            )
            connection.execute(insert, row)
    run_models(connection, models, history.as_of)
    return connection


def prepared(models: CompiledModels) -> duckdb.DuckDBPyConnection:
    """A database with the seeds and with every canonical entity, empty."""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("set TimeZone = 'UTC'; attach ':memory:' as cx; use cx")
    for schema in ("seeds", "staging", "intermediate", "metrics", "service", "experience", "journey"):
        connection.execute(f"create schema {schema}")
    for relation, rows in models.seeds.items():
        connection.execute(f"create table {relation} as from {rows}")
    for entity, columns in models.entities.items():
        declared = ", ".join(f"{name} {data_type}" for name, data_type in columns.items())
        connection.execute(f"create table staging.{STAGING}{entity} ({declared})")
    return connection


def run_models(connection: duckdb.DuckDBPyConnection, models: CompiledModels, as_of: datetime.date) -> None:
    """Run the models on the entities of a database, as of the end of a day."""
    for relation, query in models.queries.values():
        connection.execute(f"create table {relation} as {query.replace(str(AS_OF), str(as_of))}")


def failed_tests(connection: duckdb.DuckDBPyConnection, models: CompiledModels) -> list[str]:
    """The data tests that find something."""
    return [name for name, query in models.data_tests.items() if connection.execute(query).fetchone()]


def differences(connection: duckdb.DuckDBPyConnection, history: HistoryFile) -> list[str]:
    """What the models say otherwise than the history expects, one sentence each."""
    journeys = _rows(connection, "select * from journey.fct_journeys", "journey_id")
    churned = _rows(connection, "select * from journey.fct_churned_customers", "journey_id")
    found = []
    for journey_id in sorted({*journeys, *history.expect}):
        if journey_id not in history.expect or journey_id not in journeys:
            found.append(f"{journey_id}: {'expected' if journey_id in history.expect else 'not expected'}")
            continue
        expected = history.expect[journey_id]
        stages = _rows(connection, "select * from journey.fct_journey_stages where journey_id = ?", "stage", journey_id)
        found += _unlike(journey_id, expected.columns, journeys[journey_id], expected.because)
        for stage in STAGES:
            wanted = expected.stages.get(stage, {"status": "not_reached"})
            found += _unlike(f"{journey_id}, {stage}", wanted, stages[stage], expected.because)
        if expected.churned is not None:
            actual = churned.get(journey_id, {})
            found += _unlike(f"{journey_id}, churned", expected.churned, actual, expected.because)
    return found


def _rows(connection: duckdb.DuckDBPyConnection, query: str, key: str, *values: str) -> dict[str, dict[str, Any]]:
    answer = connection.execute(query, values)
    names = [column[0] for column in answer.description]
    rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return {row[key]: row for row in rows}


def _unlike(what: str, wanted: dict[str, Any], row: dict[str, Any], because: str) -> list[str]:
    return [
        f"{what}: {name} is {row.get(name, 'no column')}, expected {value}: {because}"
        for name, value in wanted.items()
        if name not in row or not _equal(value, row[name])
    ]


def _equal(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, datetime.date) and not isinstance(wanted, datetime.datetime):
        wanted = datetime.datetime.combine(wanted, datetime.time())
    if isinstance(wanted, bool) or isinstance(got, bool) or wanted is None or got is None:
        return wanted is got
    if isinstance(wanted, int | float) and isinstance(got, int | float):
        return math.isclose(wanted, got, rel_tol=1e-9, abs_tol=1e-9)
    return wanted == got
