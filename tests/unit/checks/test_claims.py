"""Broken on purpose: claims of the cited articles."""

from __future__ import annotations

import pytest

CHECK = "claims_are_measured_or_explained"
CLAIMS = "docs/claims.yml"
TEXT = """\
claims:
  - claim: quiet
    sources: [kelley, sims_2021]
    says: Customers leave quietly.
    metrics: [reopen_rate]
  - claim: loud
    sources: [kelley]
    says: Some do not.
    missing: Nobody counts noise.
"""


def test_a_project_without_claims_and_one_whose_claims_hold_are_healthy(small):
    assert small.findings(CHECK) == []
    small.write(CLAIMS, TEXT)
    assert small.findings() == []


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("    missing: Nobody counts noise.\n", "", 6, "the claim 'loud' names no metric, and no reason why"),
        ("claim: loud", "claim: quiet", 6, "there are two claims 'quiet'"),
        ("[reopen_rate]", "[reopened_rate]", 5, "the claim 'quiet' names a metric that does not exist"),
        ("sources: [kelley]", "sources: [kelly]", 7, "bad value for 'claims.sources'"),
        ("    missing: Nobody", "    reason: Nobody", 9, "unknown key"),
        ("claims:\n", "claims: [\n", None, "not valid YAML"),
    ],
)
def test_what_is_wrong_is_found_with_its_line(small, old, new, line, sentence):
    assert TEXT.count(old) == 1
    small.write(CLAIMS, TEXT.replace(old, new))
    finding = small.only_finding(CHECK)
    assert sentence in finding.sentence and finding.file == CLAIMS
    assert line is None or finding.line == line


def test_the_nearest_metric_is_named(small):
    small.write(CLAIMS, TEXT.replace("reopen_rate", "reopned_rate"))
    assert small.only_finding(CHECK).nearest == "reopen_rate"
