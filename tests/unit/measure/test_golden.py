"""The golden cases can fail: each kind of mistake in a case or a definition is found."""

from pathlib import Path

import pytest

from cxmetrics.definitions.golden_case import read_case
from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.golden import failures
from support.golden_cases import planted
from support.parsed_project import ROOT, WRONG


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("value: 0.5\n", "value: 0.500000002\n", "value of reopen_rate is 0.5"),
        ("n: 4\n", "n: 5\n", "n of reopen_rate is 4"),
        ("ci_low: 0.15003898915214958", "ci_low: 0.16", "ci_low of reopen_rate"),
        ("value: null, n: 0", "value: 0, n: 0", "value of reopen_rate is None"),
        ("value: 0, n: 1}", "value: null, n: 1}", "value of reopen_rate is 0.0"),
    ],
)
def test_a_number_that_differs_is_reported_with_its_line(
    tmp_path: Path, cx_project: Project, semantics: Semantics, old: str, new: str, named: str
):
    found = failures(cx_project, semantics, read_case(cx_project, planted(tmp_path, old, new)))
    assert len(found) == 1
    assert named in found[0]
    assert f"{tmp_path}/reopen_rate.yml:" in found[0]


def test_a_value_of_another_type_names_the_row(tmp_path: Path, cx_project: Project, semantics: Semantics):
    case = read_case(cx_project, planted(tmp_path, "2026-01-05 10:00:00", "yesterday"))
    with pytest.raises(CxError, match="does not fit fct_tickets") as refused:
        failures(cx_project, semantics, case)
    assert refused.value.line == 6


@pytest.mark.parametrize("name", [name for name in WRONG if name.startswith("metrics/")])
def test_a_wrong_definition_fails_its_golden_case(wrong_project: tuple[Project, Semantics], name: str):
    project, semantics = wrong_project
    assert failures(project, semantics, read_case(project, ROOT / "tests" / name))


def test_a_definition_that_cannot_be_computed_is_named(wrong_project: tuple[Project, Semantics]):
    project, semantics = wrong_project
    case = read_case(project, ROOT / "tests" / "metrics" / "service" / "average_handle_time.yml")
    with pytest.raises(CxError, match="handel_seconds") as refused:
        failures(project, semantics, case)
    assert refused.value.file == "metrics/service/average_handle_time.yml"
