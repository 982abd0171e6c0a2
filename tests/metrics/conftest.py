import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from cxmetrics.project import Project
from cxmetrics.semantic import Semantics
from parsed_project import parsed_semantics, project


@pytest.fixture(scope="session")
def cx_project() -> Project:
    return project()


@pytest.fixture(scope="session")
def semantics(tmp_path_factory: pytest.TempPathFactory) -> Semantics:
    return parsed_semantics(tmp_path_factory.getbasetemp().parent)
