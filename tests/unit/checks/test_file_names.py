"""Broken on purpose: file names."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"


def test_a_file_named_otherwise_than_its_metric_is_found(small):
    small.move(REOPEN, "metrics/service/reopened.yml")
    finding = small.only_finding("files_are_named_after_their_metric")
    assert (finding.file, finding.line) == ("metrics/service/reopened.yml", 2)
