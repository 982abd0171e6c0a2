"""Broken on purpose: golden cases."""

from __future__ import annotations

import pytest

REOPEN = "metrics/service/reopen_rate.yml"
GOLDEN = "tests/metrics/service/reopen_rate.yml"


def test_a_missing_golden_case_is_found(small):
    small.remove(GOLDEN)
    finding = small.only_finding("golden_cases_exist")
    assert finding.file == REOPEN
    assert GOLDEN in finding.sentence


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("metric: reopen_rate", "metric: reopn_rate", "of another metric"),
        ("expect: [{because: It shows the number., value: 1, n: 1}]", "expect: []", "'expect' is empty"),
        ("value: 1, n: 1", "n: 1", "'expect.value' is missing"),
        ("value: 1, n: 1", "valeu: 1, value: 1, n: 1", "unknown key 'expect.valeu'"),
        ("given: {a_fact: [{id: 1}]}", "given: {}", "'given' is empty"),
        ("given: {a_fact: [{id: 1}]}", "given: {", "not valid YAML"),
    ],
)
def test_a_golden_case_that_proves_nothing_is_found(small, old, new, words):
    small.replace(GOLDEN, old, new)
    finding = small.only_finding("golden_cases_exist")
    assert finding.file == GOLDEN
    assert words in finding.sentence


def test_a_golden_case_without_a_metric_is_found(small):
    file = "tests/metrics/service/reopened_rate.yml"
    small.write(file, (small.root / GOLDEN).read_text(encoding="utf-8"))
    finding = small.only_finding("golden_cases_have_a_metric")
    assert (finding.file, finding.nearest) == (file, "reopen_rate")
