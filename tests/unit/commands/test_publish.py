"""``cx publish``: what it prints and how it ends."""

import json

import pytest

from cxmetrics import cli
from cxmetrics.build.publish import publish
from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from support.publishable import engine, published_on

__all__ = ["engine"]

NAMES = ("20260101T120000.000000Z", "20260102T120000.000000Z")


@pytest.fixture
def inside(engine: DuckDBEngine, cx_project: Project, monkeypatch: pytest.MonkeyPatch) -> DuckDBEngine:
    """The environment of somebody who has published twice."""
    monkeypatch.setenv("CX_WAREHOUSE", str(engine.project.warehouse))
    monkeypatch.setenv("DBT_PROJECT_DIR", str(cx_project.root))
    monkeypatch.delenv("DBT_TARGET", raising=False)
    for day in (1, 2):
        publish(cx_project, engine)
        published_on(engine, day)
    return engine


def test_the_list_names_the_current_and_the_kept(inside, capsys):
    assert cli.main(["publish", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines if line.strip().startswith("2026")] == [
        [NAMES[1], "current"],
        [NAMES[0], "kept"],
    ]
    assert lines[-1] == "Next: cx publish --rollback, or --rollback --to NAME"


def test_the_list_as_json(inside, capsys):
    assert cli.main(["publish", "--list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["state"]) for one in found] == [(NAMES[1], "current"), (NAMES[0], "kept")]
    assert found[0]["as_of"] == "2026-03-31 23:59:59"
    assert found[0]["sources"] == "canonical"


def test_a_roll_back_says_what_it_went_back_to_and_how_to_return(inside, capsys):
    assert cli.main(["publish", "--rollback"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"Published again: {NAMES[0]}, as of 2026-03-31 23:59:59, sources canonical\n")
    assert f"Instead of: {NAMES[1]}," in said
    assert f"cx publish --rollback --to {NAMES[1]} goes back" in said
    assert cli.main(["publish", "--rollback", "--to", NAMES[1], "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["current"]["name"], done["before"]["name"]) == (NAMES[1], NAMES[0])


def test_without_an_earlier_publication_it_ends_with_two(inside, capsys):
    assert cli.main(["publish", "--rollback"]) == 0
    assert cli.main(["publish", "--rollback"]) == 2
    error = capsys.readouterr().err
    assert "there is no earlier publication to go back to" in error
    assert "Traceback" not in error


def test_before_the_first_publication_the_list_says_so(inside, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "empty"))
    assert cli.main(["publish", "--list"]) == 0
    assert capsys.readouterr().out == "Nothing has been published yet.\nNext: cx build\n"


@pytest.mark.parametrize("options", [[], ["--list", "--rollback"], ["--to", NAMES[0]], ["--list", "--to", NAMES[0]]])
def test_it_must_be_said_what_to_do(inside, options, capsys):
    assert cli.main(["publish", *options]) == 2
    assert "--rollback --to NAME" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--list"], ["--rollback"]])
def test_an_engine_that_keeps_nothing_says_so(inside, options, capsys, monkeypatch):
    monkeypatch.setattr(DuckDBEngine, "history", None)
    assert cli.main(["publish", *options]) == 2
    error = capsys.readouterr().err
    assert "earlier publications are kept on DuckDB only" in error
    assert "cx build --target duckdb" in error
