"""SQL that an earlier build compiled is taken again, and only for the same definitions."""

import json
import os
from pathlib import Path

import pytest

from cxmetrics.definitions.calendar import Calendar
from cxmetrics.measure import remembered
from cxmetrics.measure.compiler import Semantics

QUESTIONS = (
    (["reopen_rate", "average_resolution_time"], "month", ["channel"]),
    (["reopen_rate"], None, ["segment"]),
    (["open_tickets"], "week", []),
)


@pytest.fixture
def manifest(tmp_path: Path, semantics_manifest: Path) -> Path:
    """A copy, in a folder where nothing is kept."""
    file = tmp_path / "semantic_manifest.json"
    file.write_bytes(semantics_manifest.read_bytes())
    return file


def answers(semantics: Semantics) -> list[str]:
    return [semantics.sql(*question) for question in QUESTIONS]


def kept(manifest: Path) -> list[Path]:
    return sorted((manifest.parent / remembered.FOLDER).glob("*"))


def without_metricflow(semantics: Semantics) -> None:
    """From now on nothing can be compiled."""
    vars(semantics)["_engines"] = (None, None)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
def test_the_same_sql_comes_back_without_compiling(manifest: Path, dialect: str):
    first = Semantics.load(manifest, dialect)
    compiled = answers(first)
    first.remember()
    second = Semantics.load(manifest, dialect)
    without_metricflow(second)
    assert answers(second) == compiled
    assert second.group_bys(["reopen_rate"]) == first.group_bys(["reopen_rate"])
    other = Semantics.load(manifest, dialect)
    without_metricflow(other)
    with pytest.raises(AttributeError):
        other.sql(["transfer_rate"], "month", ["channel"])


def test_what_the_sql_follows_from_has_a_file_of_its_own(manifest: Path, monkeypatch: pytest.MonkeyPatch):
    text = manifest.read_text(encoding="utf-8")
    declared = json.loads(text)
    declared["metrics"].reverse()
    same = json.dumps(declared)
    declared["metrics"][0]["name"] += "_too"
    changed = json.dumps(declared)
    usual = remembered.place(manifest, text, "duckdb", 0)
    assert remembered.place(manifest, same, "duckdb", 0) == usual, "the order of dbt's threads"
    monkeypatch.setattr(remembered, "_code", lambda: "other code")
    others = [
        remembered.place(manifest, text, "duckdb", 0),
        remembered.place(manifest, changed, "duckdb", 0),
        remembered.place(manifest, text, "postgres", 0),
        remembered.place(manifest, text, "duckdb", 1),
    ]
    assert len({usual, *others}) == 5


def test_sql_of_other_weeks_is_not_taken(manifest: Path):
    answers(first := Semantics.load(manifest))
    first.remember()
    sundays = Semantics.load(manifest, calendar=Calendar(week_starts_on="sunday"))
    assert answers(sundays) != answers(first)


def test_nothing_that_was_typed_is_kept(manifest: Path):
    semantics = Semantics.load(manifest)
    filtered = semantics.sql(["reopen_rate"], "month", ["channel"], ["segment = 'Anna Schmidt'"])
    assert "Anna Schmidt" in filtered
    plain = semantics.sql(["reopen_rate"], "month", ["channel"])
    semantics.remember()
    (file,) = kept(manifest)
    assert "Schmidt" not in file.read_text(encoding="utf-8")
    again = Semantics.load(manifest)
    assert again.sql(["reopen_rate"], "month", ["channel"]) == plain
    assert again.sql(["reopen_rate"], "month", ["channel"], ["segment = 'Anna Schmidt'"]) == filtered


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"sql": 1}', '{"sql": [["reopen_rate", "month"]]}'])
def test_a_damaged_file_is_as_none(manifest: Path, damaged: str):
    semantics = Semantics.load(manifest)
    compiled = answers(semantics)
    semantics.remember()
    (file,) = kept(manifest)
    file.write_text(damaged, encoding="utf-8")
    assert answers(Semantics.load(manifest)) == compiled


def test_the_oldest_files_go(tmp_path: Path):
    folder = tmp_path / remembered.FOLDER
    for number in range(remembered.KEPT + 3):
        file = folder / f"duckdb-{number:03}.json"
        remembered.write(file, {"sql": []})
        os.utime(file, (number, number))
    remembered.write(folder / "newest.json", {"sql": []})
    names = [file.name for file in sorted(folder.iterdir())]
    assert len(names) == remembered.KEPT
    assert "newest.json" in names
    assert "duckdb-000.json" not in names
