"""The SQL a page shows: compiled when what it is made from changes, kept until then."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cxmetrics.definitions.metric import Metric
from cxmetrics.definitions.project import Project
from cxmetrics.engines.registry import engine_for
from cxmetrics.measure.remembered import FOLDER
from cxmetrics.site.compiled_sql import compiled_sql
from support.parsed_project import parse
from support.published_numbers import project_in
from support.workplace import ROOT

NAMES = ("reopen_rate", "resolution_time")


@pytest.fixture
def project(tmp_path: Path, made_once: Callable[[str, Callable[[Path], None]], Path]) -> Project:
    """The project as dbt described it, with a target folder of its own."""
    project = project_in(ROOT, tmp_path)
    project.target.mkdir()
    shutil.copy(made_once("dbt_parse", parse) / "semantic_manifest.json", project.semantic_manifest_path)
    return project


def asked(project: Project, names: tuple[str, ...] = NAMES) -> tuple[dict[str, str], list[tuple[str, int, int]]]:
    """The SQL of these metrics, and what was reported on the way."""
    reports: list[tuple[str, int, int]] = []
    metrics: dict[str, Metric] = {name: project.metrics()[name] for name in names}
    sql = compiled_sql(project, engine_for(project), metrics, lambda *report: reports.append(report))
    return sql, reports


def test_every_metric_is_compiled_by_month_and_reads_what_is_published(project: Project):
    sql, reports = asked(project)
    assert set(sql) == set(NAMES)
    assert all("service.fct_tickets" in text.replace('"', "").lower() and "month" in text for text in sql.values())
    assert reports == [("compiling SQL", 1, 2), ("compiling SQL", 2, 2)]


def test_what_was_compiled_is_kept(project: Project):
    sql, _ = asked(project)
    assert asked(project) == (sql, [])


@pytest.mark.parametrize("kept", ["", "[]", "{}", '{"sql": 1}', "\0"])
def test_what_was_kept_and_cannot_be_read_is_made_anew(project: Project, kept: str):
    sql, _ = asked(project)
    (file,) = (project.target / FOLDER).iterdir()
    file.write_text(kept)
    again, reports = asked(project)
    assert again == sql
    assert len(reports) == len(NAMES)


def test_another_definition_is_compiled_anew(project: Project):
    sql, _ = asked(project)
    manifest = json.loads(project.semantic_manifest_path.read_text())
    (metric,) = (metric for metric in manifest["metrics"] if metric["name"] == "reopen_rate")
    metric["type_params"]["denominator"] = {"name": "tickets_with_events"}
    project.semantic_manifest_path.write_text(json.dumps(manifest))
    again, reports = asked(project)
    assert len(reports) == len(NAMES)
    assert again["reopen_rate"] != sql["reopen_rate"]
    assert again["resolution_time"] == sql["resolution_time"]


def test_more_metrics_are_compiled_anew(project: Project):
    asked(project)
    sql, reports = asked(project, (*NAMES, "transfer_rate"))
    assert set(sql) == {*NAMES, "transfer_rate"}
    assert len(reports) == 3


def test_a_metric_that_dbt_has_not_described_yet_has_no_sql(project: Project):
    manifest = json.loads(project.semantic_manifest_path.read_text())
    manifest["metrics"] = [metric for metric in manifest["metrics"] if metric["name"] != "reopen_rate"]
    project.semantic_manifest_path.write_text(json.dumps(manifest))
    assert set(asked(project)[0]) == {"resolution_time"}


def test_without_a_description_that_can_be_read_there_is_no_sql(project: Project):
    project.semantic_manifest_path.write_text("{}")
    assert asked(project)[0] == {}
    project.semantic_manifest_path.unlink()
    assert asked(project) == ({}, [])
