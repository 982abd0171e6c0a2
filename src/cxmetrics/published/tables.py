"""What the site reads of the published tables beside ``metric_values``. A table that is not there is an empty one."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxmetrics.engines.interface import PUBLISHED_SCHEMAS
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.published.not_counted import NotCounted, read_not_counted
from cxmetrics.published.rows import Row, rows
from cxmetrics.published.schema import NOT_COUNTED

if TYPE_CHECKING:
    from cxmetrics.definitions.models import Model
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Engine

AUDIT = "select * from journey.experience_audit order by audit_rank, stage_position, segment"
STAGES = (
    "select stage, stage_position, status, count(*) as journeys from journey.fct_journey_stages"
    " group by stage, stage_position, status order by stage_position, status"
)
CAUSES = (
    "select cause_stage, stage_position, accountable_group, handling_team, sum(contacts) as contacts,"
    " sum(avoidable_contacts) as avoidable from journey.contact_ownership"
    " group by cause_stage, stage_position, accountable_group, handling_team"
    " order by stage_position, accountable_group, handling_team"
)
REASONS = (
    "select contact_reason, cause_stage, accountable_group, sum(contacts) as contacts,"
    " sum(avoidable_contacts) as avoidable from journey.contact_ownership where cause_stage is not null"
    " group by contact_reason, cause_stage, accountable_group order by 4 desc, 1"
)
COVERAGE = (
    "select source, table_name, starts_on, ends_on, has_ended, is_replaced from metrics.source_coverage"
    " order by has_ended desc, source, table_name"
)
INPUTS = (
    "select source_name, table_name, files, raw_rows, rejected_rows, superseded_rows from metrics.input_tables"
    " order by source_name, table_name"
)
VALIDATION_RESULTS = (
    "select source_name, table_name, expectation, column_name, rule, severity, evaluated_rows, unexpected_rows,"
    " is_success from metrics.input_validation_results"
    " order by source_name, table_name, is_success, unexpected_rows desc, rule, column_name, expectation"
)


@dataclass(frozen=True)
class TableState:
    """A published table: how many rows it has, and when its newest one happened (None without a time column)."""

    model: Model
    rows: int | None
    newest: datetime.datetime | None


@dataclass(frozen=True)
class PublishedTables:
    """The rows of each question, as dictionaries; ``tables`` has every table that dbt publishes."""

    audit: list[Row]
    stages: list[Row]
    causes: list[Row]
    reasons: list[Row]
    coverage: list[Row]
    not_counted: list[NotCounted]
    inputs: list[Row]
    validation_results: list[Row]
    tables: list[TableState]


def read_tables(project: Project, engine: Engine) -> PublishedTables:
    """Everything the pages beside the metrics' own show."""
    return PublishedTables(
        audit=_rows(engine, AUDIT),
        stages=_rows(engine, STAGES),
        causes=_rows(engine, CAUSES),
        reasons=_rows(engine, REASONS),
        coverage=_rows(engine, COVERAGE),
        not_counted=_not_counted(engine),
        inputs=_rows(engine, INPUTS),
        validation_results=_rows(engine, VALIDATION_RESULTS),
        tables=_tables(project, engine),
    )


def _rows(engine: Engine, question: str) -> list[Row]:
    # A connection each: after a failure PostgreSQL refuses whatever follows in the same one.
    try:
        with engine.published() as connection:
            return rows(connection, question)
    except engine.failure:
        return []


def _not_counted(engine: Engine) -> list[NotCounted]:
    try:
        with engine.published() as connection:
            return read_not_counted(connection, NOT_COUNTED)
    except engine.failure:
        return []


def _tables(project: Project, engine: Engine) -> list[TableState]:
    models = [model for model in project.models().values() if model.schema in PUBLISHED_SCHEMAS]
    models.sort(key=lambda model: (PUBLISHED_SCHEMAS.index(str(model.schema)), model.name))
    questions = {model.name: _state_question(engine, model) for model in models}
    found = (
        {row["name"]: row for row in _rows(engine, joined(questions.values(), "\nunion all\n"))} if questions else {}
    )
    if not found:  # one that is missing makes the whole question fail
        found = {name: row for name, question in questions.items() for row in _rows(engine, question)}
    return [
        TableState(model, *(found[model.name][key] if model.name in found else None for key in ("row_count", "newest")))
        for model in models
    ]


def _state_question(engine: Engine, model: Model) -> Sql:
    column = model.agg_time_dimension
    # The date has a time beside it.
    if column is not None and model.column(time := f"{column.removesuffix('_on')}_at"):
        column = time
    return sql(
        "select {name} as name, count(*) as row_count, cast({newest} as timestamp) as newest from {relation}",
        name=engine.literal(model.name),
        newest=sql("max({column})", column=column) if column else "null",
        relation=engine.relation(str(model.schema), model.name),
    )
