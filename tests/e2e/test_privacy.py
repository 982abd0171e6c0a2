"""Names, addresses, telephone and card numbers, mail addresses and free text in every raw column: none gets through."""

from __future__ import annotations

import csv
import os
import re
import signal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.file_reader import pads
from cxmetrics.engines.registry import engine_for
from cxmetrics.inputs.declaration import read_source
from cxmetrics.inputs.run import load_inputs
from cxmetrics.inputs.stored import RawSchema
from support.canaries import CANARIES, FILE, found_in_database, found_in_files, found_in_text, plant, planted_copy
from support.postgres_server import Server, postgres
from support.workplace import ROOT, Workplace

__all__ = ["postgres"]

SOURCES = [path.name for path in sorted((ROOT / "models" / "staging").iterdir()) if path.is_dir()]


@pytest.mark.parametrize("source", SOURCES)
def test_every_text_column_of_every_source_says_what_becomes_of_personal_data(source: str):
    undecided = [
        f"{table.name}.{column.name}"
        for table in read_source(Project(ROOT), source).tables
        for column in table.columns
        if column.data_type == "string" and column.personal is None
    ]
    assert undecided == [], "give the source or the column config.meta.cx.personal"


@pytest.mark.parametrize("source", SOURCES)
def test_every_id_of_a_person_is_declared_as_one(source: str):
    persons = re.compile(r".*(customer|agent|actor|caller|user|person|employee|assignee)_id|assigned_to|.*_by")
    undeclared = [
        f"{table.name}.{column.name}"
        for table in read_source(Project(ROOT), source).tables
        for column in table.columns
        if persons.fullmatch(column.name) and column.personal not in ("person", "drop")
    ]
    assert undeclared == []


def test_canaries_are_found_where_they_are(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute("create table found as select ? as team", [next(iter(CANARIES))])
    (tmp_path / "page.html").write_text("Call 0170-5550142")
    assert list(found_in_database(tmp_path / "x.duckdb")) == ["main.found.team: 1 rows, Erika Mustermann"]
    assert "page.html: 5550142" in list(found_in_files(tmp_path))


def raw_with_canaries(demo: Workplace, folder: Path) -> Path:
    """The tables of the demo with canaries in them, in their names, and beside them."""
    raw = folder / "raw"
    raw.mkdir()
    for file in (demo.folder / "demo").glob("*.parquet"):
        planted_copy(file, raw)
    (raw / f"{FILE}.csv").write_text("a file of no table")
    return raw


def test_no_canary_of_the_demo_gets_past_reading(demo: Workplace, workplace: Workplace):
    raw = raw_with_canaries(demo, workplace.folder)
    temporary = workplace.folder / "temporary"
    temporary.mkdir()
    killed = workplace.run_in_background("python", "-c", KILLED, raw, temporary)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    # What the kill left is read below, when the next run has begun: nothing of it is in the system's own folder.
    assert list(temporary.iterdir()) == []
    assert list((workplace.folder / "warehouse" / "reading").rglob("*.csv")) != []
    said = []
    for command in (("inputs", "--raw", raw, "--data-docs"), ("build", "--raw", raw), ("docs",), ("scorecard",)):
        done = workplace.cx(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout + done.stderr)
    assert "rejected" in said[0] and "labels that nobody lists were stored as hashes" in said[0]
    assert list(found_in_text("".join(said).encode())) == []
    assert list(found_in_database(workplace.published)) == []
    # Quarantine, raw tables and everything between them and the marts.
    assert list(found_in_database(workplace.folder / "warehouse" / "build" / "cx.duckdb")) == []
    # Copies, compiled SQL, results of runs, pages, logs.
    for folder in ("warehouse", "target", "logs", "temporary"):
        assert list(found_in_files(workplace.folder / folder)) == []


# Killed while a copy of a raw file is being read.
KILLED = """
import os, signal, sys, tempfile
from pathlib import Path
from cxmetrics.definitions.project import Project
from cxmetrics.engines.file_reader import pads
from cxmetrics.engines.registry import engine_for
from cxmetrics.inputs import text_files
from cxmetrics.inputs.run import load_inputs

tempfile.tempdir = sys.argv[2]
text_files.scan = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
project = Project.find()
load_inputs(project, engine_for(project), ["canonical"], Path(sys.argv[1]))
"""


@pytest.mark.parametrize("reads", ["files", "tables"])
def test_no_canary_is_in_what_postgresql_is_asked(
    demo: Workplace, tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch, reads: str
):
    """What ``log_min_duration_statement = 0`` would write into the server's log: statements, and their parameters."""
    import psycopg

    raw: Path | RawSchema = raw_with_canaries(demo, tmp_path)
    if reads == "tables":
        with postgres.connected() as connection:
            connection.execute("create schema crm; create table crm.tickets (ticket_id text, created_at timestamp,"
                               " customer_id text, team text)")  # fmt: skip
            for canary in CANARIES:
                connection.execute("insert into crm.tickets values (%s, '2024-01-01', %s, %s)", [canary] * 3)
        raw = RawSchema("crm")
    asked: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, query: Any, parameters: Any = None, **others: Any) -> Any:
        asked.append(f"{query} {parameters}")
        return execute(cursor, query, parameters, **others)

    monkeypatch.setattr(psycopg.Cursor, "execute", noted)
    copy = psycopg.Cursor.copy
    monkeypatch.setattr(
        psycopg.Cursor, "copy", lambda *given, **named: asked.append(str(given[1])) or copy(*given, **named)
    )
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    result = load_inputs(Project(ROOT), postgres.engine(Project(ROOT)), ["canonical"], raw)
    assert sum(table.raw for table in result.tables) >= len(CANARIES)
    assert any("insert into" in query or "copy" in query for query in asked)
    said = "\n".join(asked)
    assert list(found_in_text(said.encode())) == []
    salt = os.environ["CX_SALT"]
    assert salt not in said and not any(
        pad in said for pad in (str(pads(salt.encode())[0]), pads(salt.encode())[0].hex())
    )


def test_no_canary_of_a_servicenow_log_gets_past_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    project = Project(ROOT)
    (table,) = read_source(project, "servicenow").tables
    usual = dict.fromkeys((column.name for column in table.columns), "?") | {
        "number": "INC0000001", "incident_state": "New",
        "opened_at": "1/3/2016 10:00", "sys_updated_at": "1/3/2016 10:00",
    }  # fmt: skip
    rows = [dict(usual) for _ in range(2_000)]
    plant(rows, [column.name for column in table.columns if column.data_type == "string"])
    with (tmp_path / "incident_event_log.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(usual))
        writer.writeheader()
        writer.writerows(rows)
    (verdict,) = load_inputs(project, engine_for(project), ["servicenow"], tmp_path).tables
    # One canary in each number, date and boolean, and nothing else is a reason to reject.
    assert verdict.rejected == sum(column.data_type != "string" for column in table.columns)
    assert list(found_in_database(tmp_path / "warehouse" / "build" / "cx.duckdb")) == []


def test_equal_values_have_equal_hashes_and_another_salt_gives_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "tickets.csv").write_text(
        "ticket_id,created_at,customer_id\nT1,2024-01-01,Erika Mustermann\nT2,2024-01-01,C7\n"
    )
    (tmp_path / "customers.csv").write_text("customer_id\nErika Mustermann\nC7\n")

    def loaded(salt: str) -> list[tuple[str, str]]:
        monkeypatch.setenv("CX_SALT", f"{salt} that is long enough")
        monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / salt))
        project = Project(ROOT)
        load_inputs(project, engine_for(project), ["canonical"], tmp_path)
        with duckdb.connect(str(tmp_path / salt / "build" / "cx.duckdb")) as connection:
            return connection.execute(
                "select ticket_id, customer_id from raw_canonical.tickets"
                " inner join raw_canonical.customers using (customer_id) order by 1"
            ).fetchall()

    one, other = loaded("one"), loaded("other")
    assert [ticket for ticket, _ in one] == ["T1", "T2"]
    assert all(customer.startswith("hashed_") for _, customer in one)
    assert not set(one) & set(other)
