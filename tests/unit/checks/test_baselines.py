"""Broken on purpose: shares that are set against something else than a share of others."""

from __future__ import annotations

import pytest

REOPEN = "metrics/service/reopen_rate.yml"
FACT = "models/marts/service/fct_tickets.yml"
BASELINE = "baseline: {successes: others_reopened, trials: others_solved, who: other tickets}"


@pytest.fixture(autouse=True)
def with_baseline(small):
    small.replace(REOPEN, "unit: share", f"unit: share\n          {BASELINE}")
    small.replace(
        FACT,
        "    metrics:\n",
        """    metrics:
      - {name: others_solved, type: simple, agg: count, expr: is_reopened, hidden: true}
      - {name: others_reopened, type: simple, agg: sum_boolean, expr: is_reopened, hidden: true}
""",
    )
    findings = small.findings()
    assert not findings, "\n".join(map(str, findings))


def test_a_baseline_names_simple_metrics_that_exist(small):
    line = small.replace(REOPEN, "trials: others_solved", "trials: others_sloved")
    (finding,) = small.findings("blocks_exist")
    assert (finding.line, finding.got, finding.nearest) == (line, "others_sloved", "others_solved")


def test_a_metric_is_not_set_against_itself(small):
    solved, reopened = "tickets_solved", "tickets_reopened"
    small.replace(REOPEN, "others_reopened, trials: others_solved", f"{reopened}, trials: {solved}")
    found = small.findings("baselines_are_shares_like_the_value")
    assert [finding.sentence for finding in found] == ["the baseline is the metric itself"]


def test_a_baseline_is_a_share(small):
    line = small.replace(REOPEN, "others_reopened, trials: others_solved", "others_solved, trials: others_reopened")
    finding = small.only_finding("baselines_are_shares_like_the_value")
    assert (finding.line, "not a share" in finding.sentence) == (line, True)


def test_only_a_share_of_two_counts_has_a_baseline(small):
    wilson = "interval: {method: wilson, successes: tickets_reopened, trials: tickets_solved}"
    small.replace(REOPEN, wilson, "interval: {method: none, reason: It is a test.}")
    finding = small.only_finding("baselines_are_shares_like_the_value")
    assert (finding.got, finding.allowed) == ("none", ["wilson"])
