"""A golden case is closed: what is wrong with it is said with its line, before anything is computed."""

from pathlib import Path

import pytest

from cxmetrics.definitions.golden_case import read_case
from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError
from support.golden_cases import planted


@pytest.mark.parametrize(
    ("old", "new", "got", "nearest"),
    [
        ("is_reopened: false", "is_reopend: false", "is_reopend", "is_reopened"),
        ("fct_tickets:", "fct_ticket:", "fct_ticket", "fct_tickets"),
        ("metric: reopen_rate", "metric: reopenrate", "reopenrate", "reopen_rate"),
        ("  - because: A ticket", "  - becuse: A ticket", "becuse", "because"),
        ("grain: month", "grain: mnth", "mnth", "month"),
    ],
)
def test_an_unknown_name_is_refused_with_line_and_nearest(
    tmp_path: Path, cx_project: Project, old: str, new: str, got: str, nearest: str
):
    with pytest.raises(CxError) as refused:
        read_case(cx_project, planted(tmp_path, old, new))
    assert (refused.value.got, refused.value.nearest) == (got, nearest)
    assert refused.value.line is not None


def test_a_period_without_a_grain_is_refused(tmp_path: Path, cx_project: Project):
    with pytest.raises(CxError, match="belong together"):
        read_case(cx_project, planted(tmp_path, "    grain: month\n", ""))
