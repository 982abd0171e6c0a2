"""Names, addresses, telephone and card numbers, mail addresses and free text in every raw column: none gets through."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.registry import engine_for
from cxmetrics.inputs.declaration import read_source
from cxmetrics.inputs.run import load_inputs
from support.canaries import CANARIES, found_in_database, found_in_files, plant, planted_copy
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


def test_canaries_are_found_where_they_are(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute("create table found as select ? as team", [next(iter(CANARIES))])
    (tmp_path / "page.html").write_text("Call 0170-5550142")
    assert list(found_in_database(tmp_path / "x.duckdb")) == ["main.found.team: 1 rows, Erika Mustermann"]
    assert "page.html: 5550142" in list(found_in_files(tmp_path))


def test_no_canary_of_the_demo_gets_past_reading(demo: Workplace, workplace: Workplace):
    raw = workplace.folder / "raw"
    raw.mkdir()
    for file in (demo.folder / "demo").glob("*.parquet"):
        planted_copy(file, raw)
    shutil.copy(demo.folder / "demo" / "demo.json", raw)
    said = workplace.cx("inputs", "--raw", raw, "--data-docs")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "rejected" in said.stdout
    for command in (("build", "--raw", raw), ("docs",)):
        done = workplace.cx(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        (workplace.folder / "logs").mkdir(exist_ok=True)
        (workplace.folder / "logs" / f"{command[0]}.txt").write_text(done.stdout + done.stderr)
    (workplace.folder / "logs" / "inputs.txt").write_text(said.stdout + said.stderr)
    assert list(found_in_database(workplace.published)) == []
    # Quarantine, raw tables and everything between them and the marts.
    assert list(found_in_database(workplace.folder / "warehouse" / "build" / "cx.duckdb")) == []
    assert list(found_in_files(workplace.folder / "target")) == []
    assert list(found_in_files(workplace.folder / "logs")) == []


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
        monkeypatch.setenv("CX_SALT", salt)
        monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / salt))
        project = Project(ROOT)
        notes = load_inputs(project, engine_for(project), ["canonical"], tmp_path).notes
        assert not any("CX_SALT" in note for note in notes)
        with duckdb.connect(str(tmp_path / salt / "build" / "cx.duckdb")) as connection:
            return connection.execute(
                "select ticket_id, customer_id from raw_canonical.tickets"
                " inner join raw_canonical.customers using (customer_id) order by 1"
            ).fetchall()

    one, other = loaded("one"), loaded("other")
    assert [ticket for ticket, _ in one] == ["T1", "T2"]
    assert one[0][1].startswith("hashed_")
    assert one[1][1] == "C7"
    assert one[0] != other[0]
