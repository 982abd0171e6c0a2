"""The project as its files declare it."""

from __future__ import annotations

import json
import sys

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError
from support.programs import run_program

FACT = "models/marts/service/fct_tickets.yml"
PUBLISHED = {"service", "experience", "journey", "metrics"}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("CX_WAREHOUSE", "DBT_TARGET_PATH", "DBT_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_the_project_is_found_from_any_folder_below_it(small):
    assert Project.find(small.root / "models" / "marts").root == small.root.resolve()


def test_without_a_project_the_error_says_what_to_do(tmp_path):
    with pytest.raises(CxError, match=r"no dbt_project\.yml") as raised:
        Project.find(tmp_path)
    assert "DBT_PROJECT_DIR" in raised.value.next_step


def test_the_environment_names_the_project(small, monkeypatch, tmp_path):
    monkeypatch.setenv("DBT_PROJECT_DIR", str(small.root))
    assert Project.find().root == small.root.resolve()
    monkeypatch.setenv("DBT_PROJECT_DIR", str(tmp_path))
    with pytest.raises(CxError, match="DBT_PROJECT_DIR has no"):
        Project.find()


def test_what_is_made_lies_below_the_folders_of_the_environment(small, monkeypatch, tmp_path):
    assert small.project.warehouse == small.root / "warehouse"
    assert small.project.site == small.root / "target" / "site"
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("DBT_TARGET_PATH", "below/root")
    assert small.project.warehouse == tmp_path / "elsewhere"
    assert small.project.site == small.root / "below" / "root" / "site"


def test_metrics_blocks_models_and_groups_are_sorted_by_name(small):
    project = small.project
    assert list(project.metrics()) == ["contact_rate", "first_response_time", "reopen_rate"]
    assert list(project.groups()) == ["product", "support"]
    assert list(project.blocks()) == sorted(project.blocks())
    assert list(project.models()) == sorted(project.models())
    assert project.source_names == ("canonical",)
    assert project.vars["sources"] == ["canonical"]


def test_one_metric_name_in_two_domains_is_refused(small):
    text = (small.root / "metrics/service/reopen_rate.yml").read_text(encoding="utf-8")
    small.write("metrics/experience/reopen_rate.yml", text)
    with pytest.raises(CxError, match="declared twice"):
        small.project.metrics()


def test_a_metric_file_outside_the_domains_is_refused(small):
    small.move("metrics/service/reopen_rate.yml", "metrics/servce/reopen_rate.yml")
    with pytest.raises(CxError) as raised:
        small.project.metrics()
    assert (raised.value.got, raised.value.nearest) == ("servce", "service")


def test_several_problems_are_announced(small):
    small.replace("metrics/service/reopen_rate.yml", "unit: share", "unit: shares")
    small.replace("metrics/experience/contact_rate.yml", "stages: [use]", "stages: []")
    with pytest.raises(CxError) as raised:
        small.project.metrics()
    assert raised.value.next_step == "cx check lists all 2 problems"


def test_what_dbt_writes_is_read_and_missed_in_words(small):
    with pytest.raises(CxError, match=r"dbt has not written manifest\.json yet") as raised:
        small.project.manifest()
    assert raised.value.next_step == "cx build"
    small.write("target/run_results.json", json.dumps({"results": []}))
    assert small.project.run_results() == {"results": []}
    small.write("target/manifest.json", "{")
    with pytest.raises(CxError, match="cannot be read"):
        small.project.manifest()


def test_reading_definitions_imports_nothing_slow():
    slow = "dbt", "dbt_metricflow", "metricflow", "great_expectations", "duckdb", "pandas"
    program = f"import sys, cxmetrics.definitions.project; print([name for name in {slow!r} if name in sys.modules])"
    done = run_program([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_names_of_unit_tests_fit_into_every_engine(cx_project: Project):
    # dbt names a relation after a unit test, and PostgreSQL takes 63 characters.
    files = list((cx_project.root / "models").rglob("*.yml"))
    tests = [test["name"] for file in files for test in cx_project.read(file).data.get("unit_tests", [])]
    assert len(tests) > 50
    assert [name for name in tests if len(name) > 63] == []


def test_every_column_of_a_published_table_is_described(cx_project: Project):
    published = [model for model in cx_project.models().values() if model.schema in PUBLISHED]
    assert {model.schema for model in published} == PUBLISHED
    columns = [(model.name, column) for model in published for column in model.columns]
    assert [f"{model}.{column.name}" for model, column in columns if not column.description] == []
