"""Broken on purpose: intervals."""

from __future__ import annotations

import pytest

REOPEN = "metrics/service/reopen_rate.yml"
RESPONSE = "metrics/service/first_response_time.yml"
CONTACT = "metrics/experience/contact_rate.yml"

WILSON = "{method: wilson, successes: tickets_reopened, trials: tickets_solved}"
NPS = "{method: nps, promoters: tickets_reopened, detractors: tickets_solved, answers: tickets_solved}"
SCALED = "{method: mean, count: tickets_solved, sum: tickets_reopened, sum_of_squares: tickets_reopened, scale: 2}"


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (REOPEN, "successes: tickets_reopened", "successes: tickets_solved", "is not the metric's numerator"),
        (REOPEN, "trials: tickets_solved", "trials: tickets_reopened", "is not the metric's denominator"),
        (CONTACT, "sum: contacts\n", "sum: contacts_squared\n", "is not an input of the metric"),
        (CONTACT, "method: mean", "method: nps", ""),
        (RESPONSE, "quantile: 0.5", "quantile: 0.9", "the 0.5 quantile of first_reply_business_minutes"),
        (RESPONSE, "entity: ticket", "entity: customer", "does not identify one row"),
        (RESPONSE, "value: first_reply_business_minutes_sum", "value: tickets_first_replied", "is not a sum"),
    ],
)
def test_an_interval_of_other_numbers_is_found(small, file, old, new, words):
    small.replace(file, old, new)
    findings = small.findings("intervals_fit_the_metric") or small.findings("definitions_can_be_read")
    assert {finding.file for finding in findings} == {file}
    assert words in findings[0].sentence


def test_a_share_cannot_have_the_interval_of_a_net_promoter_score(small):
    small.replace(REOPEN, WILSON, NPS)
    assert "belongs to a derived metric" in small.only_finding("intervals_fit_the_metric").sentence


def test_the_interval_of_a_ratio_has_no_scale(small):
    small.replace(REOPEN, WILSON, SCALED)
    assert "scaled by 2" in small.only_finding("intervals_fit_the_metric").sentence


def test_no_interval_follows_from_a_metric(small):
    for written in (f"          interval: {WILSON}\n", "          period: first_solved_on\n"):
        small.replace(REOPEN, written, "")
    line = small.replace(REOPEN, "- name: reopen_rate", "- name: reopen_rate")
    small.replace(REOPEN, "numerator: tickets_reopened", "numerator: first_response_time")
    (finding,) = small.findings("intervals_fit_the_metric")
    assert (finding.file, finding.line) == (REOPEN, line)
    assert "no interval follows from 'first_response_time'" in finding.sentence
