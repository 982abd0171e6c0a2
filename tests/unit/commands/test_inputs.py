"""``cx inputs`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from cxmetrics.commands.inputs import inputs
from cxmetrics.errors import CxError, InputsBlocked
from support.raw_inputs import Inputs, shop

__all__ = ["shop"]

HEADER = "ticket_id,created_at,status,minutes\n"


@pytest.fixture(autouse=True)
def _inside_the_project(shop: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.project.root)
    monkeypatch.delenv("DBT_PROJECT_DIR", raising=False)


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(inputs)
    return CliRunner().invoke(app, arguments)


def test_the_verdict_is_a_table_per_source_with_notes(shop: Inputs):
    shop.give("tickets.csv", HEADER.replace("minutes", "minute") + "t1,2024-01-01,open,1\nt2,2024-01-01,lost,1\n")
    result = run("--raw", str(shop.raw))
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines() if line.strip("─")]
    assert lines == [
        "shop files raw accepted rejected most rejected by",
        "tickets 1 2 1 1 expect_column_values_to_be_in_set of status",
        "no files: agents",
        "note: tickets: tickets.csv: column 'minute' is not declared and was ignored; is it 'minutes'?",
        "note: tickets: tickets.csv: optional column not given: minutes",
        "1 of 2 rows accepted, 1 rejected.",
    ]
    assert "Error" not in result.output
    assert "Warning" not in result.output


def test_json_is_the_whole_verdict_and_nothing_else(shop: Inputs):
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\n")
    result = run("--raw", str(shop.raw), "--json")
    said = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (said["sources"], said["is_blocked"], said["is_synthetic"]) == (["shop"], False, False)
    assert [(table["table"], table["raw"], table["accepted"]) for table in said["tables"]] == [
        ("tickets", 1, 1),
        ("agents", 0, 0),
    ]


def test_a_damaged_build_database_is_told_of(shop: Inputs):
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\n")
    shop.engine.build_file.parent.mkdir(parents=True)
    shop.engine.build_file.write_bytes(b"no database" * 1_000)
    result = run("--raw", str(shop.raw))
    assert result.exit_code == 0
    assert f"it was set aside as {shop.engine.build_file}.damaged and built anew" in result.stdout.replace("\n", " ")
    notes = json.loads(run("--raw", str(shop.raw), "--json").stdout)["notes"]
    assert not any("set aside" in note for note in notes)


def test_data_docs_stand_beside_the_site_which_is_made_anew(
    shop: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\n")
    result = run("--raw", str(shop.raw), "--data-docs")
    index = tmp_path / "target" / "data-docs" / "index.html"
    assert f"Data Docs: {index}" in result.stdout
    assert index.is_file()


def test_blocked_inputs_end_with_three(shop: Inputs):
    shop.give("tickets.csv", HEADER + "t2,2024-01-01,lost,1\n")
    result = run("--raw", str(shop.raw))
    assert isinstance(result.exception, InputsBlocked)
    assert result.exception.exit_code == 3
    assert "0 of 1 rows accepted, 1 rejected." in result.stdout
    result = run("--raw", str(shop.raw), "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["is_blocked"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--source", "shp"], "unknown source 'shp'"),
        (["--raw", "nowhere"], "nowhere: the raw folder does not exist"),
        (["--target", "oracle"], "profiles.yml: this target is not supported"),
    ],
)
def test_a_wrong_option_ends_with_two_and_a_sentence(shop: Inputs, arguments: list[str], said: str):
    result = run(*arguments)
    assert isinstance(result.exception, CxError)
    assert result.exception.exit_code == 2
    assert str(result.exception).startswith(said)
