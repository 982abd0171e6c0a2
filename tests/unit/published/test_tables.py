"""What the site reads beside the metric values, also where a table is missing."""

import datetime
from pathlib import Path

import duckdb

from cxmetrics.definitions.project import Project
from cxmetrics.engines.registry import engine_for
from cxmetrics.published.tables import read_tables
from support.facts import fill
from support.workplace import ROOT


def published(folder: Path, *statements: str) -> Project:
    project = Project(ROOT)
    project.warehouse = folder
    with duckdb.connect(str(folder / "cx.duckdb")) as connection:
        fill(connection, project)
        for statement in statements:
            connection.execute(statement)
    return project


def test_a_table_says_how_many_rows_it_has_and_when_the_newest_happened(tmp_path: Path):
    project = published(tmp_path)
    states = {state.model.name: state for state in read_tables(project, engine_for(project)).tables}
    assert (states["fct_tickets"].rows, states["fct_tickets"].newest) == (43, datetime.datetime(2026, 3, 31, 12))
    assert (states["fct_orders"].rows, states["fct_orders"].newest) == (0, None)


def test_a_missing_table_is_an_empty_one_and_the_others_are_still_read(tmp_path: Path):
    project = published(
        tmp_path,
        "drop table journey.contact_ownership",
        "drop table experience.fct_orders",
        "insert into journey.fct_journey_stages by name"
        " select 'use' as stage, 5 as stage_position, 'dropped' as status",
    )
    tables = read_tables(project, engine_for(project))
    assert (tables.causes, tables.reasons) == ([], [])
    assert [(row["stage"], row["status"], row["journeys"]) for row in tables.stages] == [("use", "dropped", 1)]
    states = {state.model.name: state for state in tables.tables}
    assert (states["fct_orders"].rows, states["fct_tickets"].rows) == (None, 43)
