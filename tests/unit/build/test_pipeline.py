"""What is refused before a build begins."""

from pathlib import Path

import pytest

from cxmetrics.build.pipeline import AS_OF_FORM, build, require_buildable
from cxmetrics.errors import CxError
from support.copied_project import SmallProject


@pytest.mark.parametrize("text", ["2026-06-30", "2026-06-30 17:00", "2026-06-30T17:00:00", "2026-06-30 17:00:00.5"])
def test_a_date_or_a_moment_is_an_as_of_date(text: str):
    assert AS_OF_FORM.fullmatch(text)


@pytest.mark.parametrize("text", ["30.06.2026", "2026-06-30 17", "2026-06-30'; drop table x", "today", ""])
def test_anything_else_is_refused_before_anything_is_started(small: SmallProject, text: str):
    with pytest.raises(CxError) as refused:
        build(small.project, sources=["canonical"], raw=Path("raw"), as_of=text)
    assert (refused.value.got, refused.value.allowed[0]) == (text, "2026-06-30")


def test_a_definition_that_reads_what_does_not_exist_is_refused_with_file_and_line(small: SmallProject):
    require_buildable(small.project)
    file = "metrics/service/reopen_rate.yml"
    line = small.replace(file, "numerator: tickets_reopened", "numerator: tickets_reopend")
    with pytest.raises(CxError) as refused:
        require_buildable(small.project)
    assert refused.value.where == f"{file}:{line}"
    assert refused.value.next_step.endswith("cx check lists every finding")
