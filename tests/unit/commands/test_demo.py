"""What ``cx demo`` prints."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cxmetrics.commands.demo import demo
from cxmetrics.errors import CxError


def run(*arguments: str) -> str:
    app = typer.Typer()
    app.command()(demo)
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_the_table_says_that_the_data_are_synthetic_and_what_to_do_next(tmp_path: Path):
    printed = run("--customers", "3", "--seed", "9", "--out", str(tmp_path / "demo"))
    assert printed.split()[:2] == ["entity", "rows"]
    assert ["customers", "3"] in [line.split() for line in printed.splitlines()]
    assert "Synthetic data: 3 customers, 24 months to 2026-06-30, seed 9." in printed
    assert printed.endswith(f"Next: cx build --raw {tmp_path / 'demo'}\n")


def test_json_holds_the_manifest_and_the_rows_of_every_entity(tmp_path: Path):
    printed = json.loads(run("--customers", "3", "--months", "2", "--out", str(tmp_path / "demo"), "--json"))
    assert (printed["synthetic"], printed["customers"], printed["months"]) == (True, 3, 2)
    assert (printed["out"], printed["as_of"]) == (str(tmp_path / "demo"), "2026-06-30T23:59:59")
    assert (len(printed["rows"]), printed["rows"]["customers"]) == (13, 3)


def test_what_is_planted_is_said_and_nothing_is_when_nothing_is(tmp_path: Path):
    few = ("--customers", "3", "--out", str(tmp_path / "demo"))
    assert "Planted: friction at use, after which 20% of the customers leave.\n" in run(
        *few, "--plant", "use", "--effect", "0.2"
    )
    assert "Planted: nothing; no stage makes customers leave.\n" in run(*few, "--plant", "none")
    assert "Planted" not in run(*few)


def test_without_a_folder_the_demo_lies_in_the_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "dbt_project.yml").write_text("name: somebody\n")
    monkeypatch.setenv("DBT_PROJECT_DIR", str(tmp_path))
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "here"))
    run("--customers", "1")
    assert (tmp_path / "here" / "demo" / "demo.json").is_file()


def test_a_refusal_reaches_the_command_line_as_a_cx_error(tmp_path: Path):
    with pytest.raises(CxError, match="--customers must be between 1 and 100000"):
        run("--customers", "0", "--out", str(tmp_path / "demo"))
    assert not (tmp_path / "demo").exists()
