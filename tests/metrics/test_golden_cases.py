"""Every metric gives the numbers its golden case expects."""

import pytest

from cxmetrics.definitions.golden_case import case_path, read_case
from cxmetrics.definitions.project import Project
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.golden import failures
from support.parsed_project import ROOT

# Those of the catalogue: one that is switched off has a case or has none.
METRICS = Project(ROOT).metrics()


@pytest.mark.parametrize("name", METRICS)
def test_the_metric_gives_the_numbers_of_its_golden_case(name: str, cx_project: Project, semantics: Semantics):
    case = read_case(cx_project, case_path(cx_project, METRICS[name]))
    assert case.metric.name == name
    assert failures(cx_project, semantics, case) == []
