"""A small project with one source, and this project, each with a raw folder and a warehouse of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project
from support.raw_inputs import Inputs, shop

__all__ = ["shop"]

ROOT = Path(__file__).parents[3]


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
