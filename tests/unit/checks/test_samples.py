"""Broken on purpose: n."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"
RESPONSE = "metrics/service/first_response_time.yml"


def test_a_sample_that_counts_something_else_is_found(small):
    line = small.replace(REOPEN, "sample: tickets_solved", "sample: tickets_first_replied")
    finding = small.findings("samples_belong_to_the_metric")[0]
    assert (finding.file, finding.line) == (REOPEN, line)
    assert finding.allowed == ["tickets_reopened", "tickets_solved"]


def test_the_sample_of_a_median_counts_the_measured_column(small):
    small.replace(RESPONSE, "sample: tickets_first_replied", "sample: tickets_solved")
    finding = small.findings("samples_belong_to_the_metric")[0]
    assert "tickets_first_replied" in finding.allowed
