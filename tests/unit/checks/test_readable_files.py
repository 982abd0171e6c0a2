"""Broken on purpose: files that are not what they should be."""

from __future__ import annotations

import pytest

REOPEN = "metrics/service/reopen_rate.yml"


def test_an_unknown_key_is_found(small):
    line = small.replace(REOPEN, "unit: share", "unit: share\n          colour: red")
    finding = small.only_finding("definitions_can_be_read")
    assert (finding.file, finding.line, finding.got) == (REOPEN, line + 1, "colour")


def test_a_project_file_that_cannot_be_read_is_an_error_of_configuration(small):
    from cxmetrics.errors import CxError

    small.write("dbt_project.yml", "- a\n")
    with pytest.raises(CxError, match="must hold keys and values"):
        small.findings()
