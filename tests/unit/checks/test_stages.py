"""Broken on purpose: journey stages."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"


def test_a_stage_that_does_not_exist_is_answered_with_the_nearest(small):
    line = small.replace(REOPEN, "stages: [service]", "stages: [servce]")
    finding = small.only_finding("stages_exist")
    assert (finding.file, finding.line, finding.nearest) == (REOPEN, line, "service")
