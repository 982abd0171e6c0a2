"""``cx golden``: runs cases, reports what differs, and fills in what nobody works out by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cxmetrics.build import parsing
from cxmetrics.cli import main
from cxmetrics.errors import CxError
from support.parsed_project import ROOT, copy_project, parse

CASE = Path("tests", "metrics", "service", "reopen_rate.yml")


@pytest.fixture
def place(tmp_path: Path, monkeypatch, made_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """A copy of the project; what dbt says of it is what it says of this one."""
    copy_project(tmp_path / "project")
    shutil.copytree(ROOT / "tests" / "metrics", tmp_path / "project" / "tests" / "metrics")
    parsed = made_once("dbt_parse", parse) / "semantic_manifest.json"
    monkeypatch.setattr(parsing, "parsed_manifest", lambda project: parsed)
    monkeypatch.delenv("DBT_PROJECT_DIR", raising=False)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, text.count(old)
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_cases_that_hold_end_with_zero(place: Path, capsys):
    assert main(["golden", "reopen_rate", "contact_rate", "reopen_rate"]) == 0
    assert capsys.readouterr().out == "2 golden cases: no differences\n"


def test_a_difference_ends_with_one(place: Path, capsys):
    replace(place / CASE, "n: 4\n", "n: 5\n")
    assert main(["golden", "reopen_rate"]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"{CASE.as_posix()}:") and "n of reopen_rate is 4, expected 5: " in out
    assert out.endswith("1 golden case: 1 difference\n")


def test_json_holds_the_same(place: Path, capsys):
    replace(place / CASE, "n: 4\n", "n: 5\n")
    assert main(["golden", "reopen_rate", "transfer_rate", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["cases"], len(report["differences"])) == (2, 1)


def test_without_names_every_case_is_run_and_one_that_cannot_be_hides_no_other(place: Path, capsys):
    (place / CASE).unlink()
    replace(place / "tests/metrics/service/transfer_rate.yml", "metric: transfer_rate", "metric: transferrate")
    assert main(["golden"]) == 1
    out = capsys.readouterr().out
    assert f"{CASE.as_posix()}: the file does not exist" in out
    assert "there is no such metric" in out
    cases = len(list((place / "tests/metrics").rglob("*.yml"))) + 1
    assert out.endswith(f"{cases} golden cases: 2 differences\n")


def test_fill_writes_the_ends_and_says_so(place: Path, capsys):
    before = (place / CASE).read_text(encoding="utf-8")
    low = "    ci_low: 0.1500389891521"
    replace(place / CASE, f"{low}4958\n", "    ci_low:\n")
    assert main(["golden", "reopen_rate", "--fill"]) == 0
    assert capsys.readouterr().out == f"filled {CASE.as_posix()}\n"
    after = (place / CASE).read_text(encoding="utf-8")
    assert after.count(low) == 1
    assert after.splitlines(keepends=True)[-8:] == before.splitlines(keepends=True)[-8:]


def test_fill_writes_nothing_while_value_or_n_differ(place: Path, capsys):
    replace(place / CASE, "n: 4\n", "n: 5\n")
    before = (place / CASE).read_text(encoding="utf-8")
    assert main(["golden", "reopen_rate", "--fill"]) == 2
    assert "n of reopen_rate is 4, expected 5" in capsys.readouterr().err
    assert (place / CASE).read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["reopn_rate"], "nearest: reopen_rate\n"),
        (["reopn_rate", "--fill"], "nearest: reopen_rate\n"),
        (["--fill"], "next:    cx golden METRIC --fill\n"),
    ],
)
def test_a_wrong_command_line_is_answered_with_what_to_do(place: Path, capsys, arguments: list[str], words: str):
    assert main(["golden", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_fill_of_a_case_that_does_not_exist_says_so(place: Path, capsys):
    (place / CASE).unlink()
    assert main(["golden", "reopen_rate", "--fill"]) == 2
    assert "the file does not exist" in capsys.readouterr().err


def test_a_project_that_dbt_cannot_parse_is_named(tmp_path: Path, monkeypatch):
    from cxmetrics.definitions.project import Project

    (tmp_path / "dbt_project.yml").write_text("name: none\nprofile: nothing\n", encoding="utf-8")
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    with pytest.raises(CxError, match=r"dbt cannot parse the project: .*profile"):
        parsing.parsed_manifest(Project(tmp_path))
