"""Broken on purpose: labels."""

from __future__ import annotations


def test_a_label_of_two_metrics_is_found(small):
    line = small.replace("metrics/service/reopen_rate.yml", "label: Reopen rate", "label: First response time")
    finding = small.only_finding("labels_are_unique")
    assert (finding.file, finding.line) == ("metrics/service/reopen_rate.yml", line)
    assert finding.sentence == "the label is that of first_response_time, too"
