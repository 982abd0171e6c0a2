"""Broken on purpose: full counts."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"


def test_a_rate_in_the_unit_of_a_count_is_found(small):
    line = small.replace(REOPEN, "unit: share", "unit: count")
    finding = small.only_finding("counts_are_of_one_block")
    assert (finding.file, finding.line) == (REOPEN, line)
    assert "expr: tickets_reopened" in finding.help
