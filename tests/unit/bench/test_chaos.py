"""What chaos builds is this project: all of its models, and metrics of both domains."""

from pathlib import Path

import pytest

from chaos import METRICS, copy_project
from cxmetrics.checks import BUILD_CHECKS, run
from cxmetrics.definitions.metric import DOMAINS
from cxmetrics.definitions.project import Project


@pytest.mark.parametrize("is_whole", [False, True])
def test_the_copied_project_can_be_built(tmp_path: Path, cx_project: Project, is_whole: bool):
    copy_project(tmp_path / "project", is_whole=is_whole)
    copy = Project(tmp_path / "project")
    assert run(copy, BUILD_CHECKS) == []
    assert copy.models().keys() == cx_project.models().keys()
    assert set(copy.metrics()) == set(cx_project.metrics() if is_whole else METRICS)
    assert {metric.domain for metric in copy.metrics().values()} == set(DOMAINS)
