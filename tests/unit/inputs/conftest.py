"""A small project with one source, and this project, each with a raw folder and a warehouse of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project
from support.raw_inputs import DECLARATION, Inputs

ROOT = Path(__file__).parents[3]

# Great Expectations imports pyspark where that is installed, and pyspark takes a main module without a file, such as a
# worker of pytest-xdist, for its own doctests and ends the process.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = __file__


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inputs:
    """A project with the one source above."""
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    root = tmp_path / "project"
    root.mkdir()
    (root / "dbt_project.yml").write_text("name: shop\nvars: {sources: [shop]}\n", encoding="utf-8")
    inputs = Inputs(Project(root), tmp_path / "raw", "shop")
    inputs.declare(DECLARATION)
    return inputs


@pytest.fixture
def canonical(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inputs:
    """This project's canonical source."""
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    return Inputs(Project(ROOT), tmp_path / "raw", "canonical")


@pytest.fixture
def servicenow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inputs:
    """This project's ServiceNow source."""
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    return Inputs(Project(ROOT), tmp_path / "raw", "servicenow")
