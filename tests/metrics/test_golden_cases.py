"""Every metric gives the numbers its golden case expects."""

from pathlib import Path

import pytest

from cxmetrics.definitions.golden_case import read_case
from cxmetrics.definitions.project import Project
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.golden import failures

CASES = sorted(Path(__file__).parent.glob("*/*.yml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_metric_gives_the_numbers_of_its_golden_case(path: Path, cx_project: Project, semantics: Semantics):
    assert failures(cx_project, semantics, read_case(cx_project, path)) == []


def test_every_published_metric_has_a_golden_case(cx_project: Project):
    named = {(path.parent.name, path.stem) for path in CASES}
    assert named == {(metric.domain, metric.name) for metric in cx_project.metrics().values()}
