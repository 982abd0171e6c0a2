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
        ("number., value: 1, n: 1", "number., n: 1", "'expect.value' is missing"),
        ("number., value: 1, n: 1", "number., valeu: 1, value: 1, n: 1", "unknown key 'expect.valeu'"),
        ("given: {a_fact: [{id: 1}]}", "given: {}", "'given' is empty"),
        ("given: {a_fact: [{id: 1}]}", "given: {", "not valid YAML"),
    ],
)
def test_a_golden_case_that_proves_nothing_is_found(small, old, new, words):
    small.replace(GOLDEN, old, new)
    finding = small.only_finding("golden_cases_exist")
    assert finding.file == GOLDEN
    assert words in finding.sentence


def test_a_golden_case_that_expects_nothing_is_found(small):
    small.write(GOLDEN, "metric: reopen_rate\ngiven: {a_fact: [{id: 1}]}\nexpect: []\n")
    assert "'expect' is empty" in small.only_finding("golden_cases_exist").sentence


def test_a_golden_case_without_a_metric_is_found(small):
    file = "tests/metrics/service/reopened_rate.yml"
    small.write(file, (small.root / GOLDEN).read_text(encoding="utf-8"))
    finding = small.only_finding("golden_cases_have_a_metric")
    assert (finding.file, finding.nearest) == (file, "reopen_rate")


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ("value: null, n: 0", "value: 0, n: 1", "no data"),
        ("grain: month, period: 2026-01-01, value: 1, n: 1", "value: 1, n: 1", "a period"),
        ("number., value: 1, n: 1", "number., by: {segment: all}, value: 1, n: 1", "all time"),
        ("by: {segment: none}, ", "", "a dimension"),
        (", ci_high: 1", "", "an interval"),
    ],
)
def test_a_golden_case_of_easy_rows_alone_is_found(small, old, new, missing):
    small.replace(GOLDEN, old, new)
    finding = small.only_finding("golden_cases_cover_what_is_awkward")
    assert (finding.file, finding.sentence) == (GOLDEN, f"the golden case does not speak of {missing}")


def test_a_draft_may_be_without_its_awkward_rows(small):
    small.replace(GOLDEN, ", ci_high: 1", "")
    small.replace(REOPEN, "state: active", "state: draft")
    assert small.findings() == []


def test_what_a_metric_does_not_have_its_case_need_not_speak_of(small):
    small.replace(GOLDEN, "by: {segment: none}, ", "")
    small.replace(REOPEN, "          dimensions: [channel, segment]\n", "")
    assert small.findings() == []
