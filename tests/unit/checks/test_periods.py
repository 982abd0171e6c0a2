"""Broken on purpose: the period a row belongs to."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"
FACT = "models/marts/service/fct_tickets.yml"


def test_a_period_that_is_no_column_is_answered_with_the_nearest(small):
    line = small.replace(REOPEN, "period: first_solved_on", "period: first_solved_at")
    finding = small.only_finding("periods_are_the_time_of_the_sample")
    assert (finding.file, finding.line, finding.nearest) == (REOPEN, line, "first_solved_on")


def test_a_period_by_another_column_than_the_samples_is_found(small):
    small.replace(REOPEN, "period: first_solved_on", "period: created_on")
    assert small.findings("periods_are_the_time_of_the_sample")[0].allowed == ["first_solved_on"]


def test_numerator_and_denominator_in_different_periods_are_found(small):
    small.replace(FACT, "is not null\n        agg_time_dimension: first_solved_on\n", "is not null\n")
    finding = small.only_finding("periods_are_the_time_of_the_sample")
    assert "'tickets_reopened' is placed in time by created_on" in finding.sentence


def test_a_timestamp_is_no_time_dimension(small):
    line = small.replace(FACT, "created_on, data_type: date", "created_on, data_type: timestamp")
    finding = small.only_finding("time_dimensions_are_dates")
    assert (finding.file, finding.line, finding.got) == (FACT, line, "timestamp")
