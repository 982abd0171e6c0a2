"""``cx build`` passes on what somebody typed, and prints what was built."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cxmetrics.build import pipeline
from cxmetrics.cli import main


@pytest.fixture
def asked(small, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the pipeline is asked for."""
    arguments: dict[str, Any] = {}

    def build(project, **given: Any) -> SimpleNamespace:
        arguments.update(given)
        return SimpleNamespace(as_dict=lambda: {"metric_values": 7})

    monkeypatch.setattr(pipeline, "build", build)
    monkeypatch.delenv("DBT_PROJECT_DIR", raising=False)
    monkeypatch.chdir(small.root)
    return arguments


def test_what_is_not_said_is_what_the_project_says(asked: dict[str, Any], capsys):
    assert main(["build", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"metric_values": 7}
    assert asked["sources"] == ["canonical"]
    assert (asked["raw"], asked["as_of"], asked["target"]) == (Path("raw"), None, None)
    assert (asked["full_refresh"], asked["allow_missing"]) == (False, False)


def test_what_is_said_is_passed_on(asked: dict[str, Any]):
    options = ["--source", "a", "--source", "b", "--raw", "there", "--as-of", "2026-01-31", "--target", "postgres"]
    assert main(["build", "--json", "--full-refresh", "--allow-missing", *options]) == 0
    assert asked["sources"] == ["a", "b"]
    assert (asked["raw"], asked["as_of"], asked["target"]) == (Path("there"), "2026-01-31", "postgres")
    assert (asked["full_refresh"], asked["allow_missing"]) == (True, True)


def test_files_and_a_schema_at_once_are_refused(asked: dict[str, Any], capsys):
    assert main(["build", "--raw", "there", "--raw-schema", "shop"]) == 2
    assert "not both" in capsys.readouterr().err
    assert asked == {}
