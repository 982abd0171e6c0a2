"""Names, addresses, telephone and card numbers, mail addresses and free text in every raw column: none gets through."""

from __future__ import annotations

import csv
import re
import signal
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.registry import engine_for
from cxmetrics.inputs.declaration import read_source
from cxmetrics.inputs.run import load_inputs
from support.canaries import CANARIES, FILE, found_in_database, found_in_files, found_in_text, plant, raw_with_canaries
from support.workplace import ROOT, Workplace

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


@dataclass(frozen=True)
class Planted:
    """What is left of raw files with canaries: ``built`` of a killed run and a build, ``refused`` of builds that were
    refused. ``said`` is what each command printed."""

    built: Workplace
    refused: Workplace
    said: dict[str, str]


@pytest.fixture(scope="module")
def planted(demo: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """One build for all tests of canaries."""
    built, refused = (Workplace(tmp_path_factory.mktemp(name)) for name in ("built", "refused"))
    said: dict[str, str] = {}

    def run(place: Workplace, exit_code: int, *command: str | Path) -> None:
        done = place.cx(*command)
        said[" ".join(map(str, command[:3]))] = done.stdout + done.stderr
        assert done.returncode == exit_code, done.stdout + done.stderr

    raw = raw_with_canaries(demo, built.folder)
    temporary = built.folder / "temporary"
    temporary.mkdir()
    killed = built.run_in_background("python", "-c", KILLED, raw, temporary)
    said["killed"], _ = killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    # Of a killed run, nothing is in the system's own folder, and in ours what the next run removes.
    assert list(temporary.iterdir()) == []
    assert list((built.folder / "warehouse" / "reading").rglob("*.csv")) != []
    for command in (
        ("inputs", "--raw", raw, "--data-docs"),
        ("build", "--raw", raw),
        ("docs",),
        ("scorecard",),
        ("query", "reopen_rate", "--by", "team"),
        ("query", "contact_rate", "--by", "segment", "--json"),
        ("publish", "--list"),
    ):
        run(built, 0, *command)
    run(built, 0, "inputs", "--explain", f"tickets:{rejected_row(built)}")
    for name, text, exit_code in (("rows", rejected_file(), 3), ("quote", unclosed_file(), 2)):
        folder = refused.folder / name / "tickets"
        folder.mkdir(parents=True)
        (folder / f"{FILE}.csv").write_text(text)
        run(refused, exit_code, "build", "--raw", folder.parent)
    return Planted(built, refused, said)


def rejected_row(workplace: Workplace) -> str:
    with duckdb.connect(str(workplace.folder / "warehouse" / "build" / "cx.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select min(row_key) from quarantine.rejected_rows where table_name = 'tickets' and rule = 'uncastable'"
        ).fetchone()[0]


def rejected_file() -> str:
    """A file of which more rows are rejected than may be: a canary in the place of every moment, and lines of one."""
    header = "ticket_id,created_at,status,team\n"
    rows = [f'"{canary}","{canary}","{canary}","{canary}"\n"{canary}"\n' for canary in CANARIES]
    return header + "".join(rows)


def unclosed_file() -> str:
    return "ticket_id,created_at,team\n" + "".join(f'T1,2024-01-01,"{canary}\n' for canary in CANARIES)


def test_no_canary_is_printed(planted: Planted):
    (inputs,) = (text for command, text in planted.said.items() if command.endswith("raw") and "inputs" in command)
    assert "labels that nobody lists were stored as hashes" in inputs
    refusals = [text for command, text in planted.said.items() if str(planted.refused.folder) in command]
    assert "rows rejected, the limit is" in refusals[0] and "a quote is opened and never closed" in refusals[1]
    assert [command for command, text in planted.said.items() if list(found_in_text(text.encode()))] == []


def test_no_canary_is_in_a_database(planted: Planted):
    assert list(found_in_database(planted.built.published)) == []
    # Quarantine, raw tables and everything between them and the marts.
    for workplace in (planted.built, planted.refused):
        assert list(found_in_database(workplace.folder / "warehouse" / "build" / "cx.duckdb")) == []


def test_no_canary_is_in_a_copy_a_log_or_a_page(planted: Planted):
    for workplace in (planted.built, planted.refused):
        for folder in ("warehouse", "target", "logs", "temporary"):
            assert list(found_in_files(workplace.folder / folder)) == []
    assert (planted.built.folder / "target" / "site" / "index.html").is_file()
    assert (planted.built.folder / "logs" / "dbt.log").is_file()


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
    (result,) = load_inputs(project, engine_for(project), ["servicenow"], tmp_path).tables
    # One canary in each number, date and boolean, and nothing else is a reason to reject.
    assert result.rejected == sum(column.data_type != "string" for column in table.columns)
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
