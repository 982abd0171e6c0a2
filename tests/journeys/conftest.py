from collections.abc import Callable
from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project
from support.histories import CompiledModels, compile_models, compiled_models
from support.parsed_project import cx_project, semantics, semantics_manifest
from support.workplace import ROOT

__all__ = ["cx_project", "semantics", "semantics_manifest"]


@pytest.fixture(scope="session")
def models(made_once: Callable[[str, Callable[[Path], None]], Path]) -> CompiledModels:
    return compiled_models(Project(ROOT), made_once("compiled_journeys", compile_models))
