"""A small published file and the compiled metrics beside it, for the commands that read them."""

from pathlib import Path

import pytest

from cxmetrics.build.publish import publish
from cxmetrics.definitions.project import Project
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.metric_values import write_metric_values
from support.facts import built


@pytest.fixture(scope="session")
def published_warehouse(tmp_path_factory: pytest.TempPathFactory, cx_project: Project, semantics: Semantics) -> Path:
    """A warehouse with three months of tickets, published. Read only."""
    warehouse = tmp_path_factory.mktemp("published") / "warehouse"
    engine = built(cx_project, warehouse)
    write_metric_values(cx_project, engine, semantics, ["canonical", "demo"])
    publish(cx_project, engine)
    return warehouse


@pytest.fixture
def inside_published(
    published_warehouse: Path, made_once, monkeypatch: pytest.MonkeyPatch, cx_project: Project
) -> Path:
    """The environment of a user who has built the project."""
    from support.parsed_project import parse

    monkeypatch.setenv("CX_WAREHOUSE", str(published_warehouse))
    monkeypatch.setenv("DBT_TARGET_PATH", str(made_once("dbt_parse", parse)))
    monkeypatch.setenv("DBT_PROJECT_DIR", str(cx_project.root))
    return published_warehouse
