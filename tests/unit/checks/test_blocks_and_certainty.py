"""Broken on purpose: building blocks, samples, intervals, periods, grains, slices."""

from __future__ import annotations

import pytest

from cxmetrics.checks.expressions import parse

REOPEN = "metrics/service/reopen_rate.yml"
RESPONSE = "metrics/service/first_response_time.yml"
CONTACT = "metrics/experience/contact_rate.yml"
FACT = "models/marts/service/fct_tickets.yml"
MONTHS = "models/marts/experience/fct_customer_months.yml"


@pytest.mark.parametrize(
    ("file", "old", "new", "nearest"),
    [
        (REOPEN, "numerator: tickets_reopened", "numerator: ticket_reopened", "tickets_reopened"),
        (REOPEN, "numerator: tickets_reopened", "numerator: {name: ticket_reopened}", "tickets_reopened"),
        (REOPEN, "sample: tickets_solved", "sample: tickets_solvd", "tickets_solved"),
        (CONTACT, "input_metrics: [contacts,", "input_metrics: [contcts,", "contacts"),
        (CONTACT, "sum_of_squares: contacts_squared", "sum_of_squares: contacts_sqared", "contacts_squared"),
    ],
)
def test_a_block_that_does_not_exist_is_answered_with_the_nearest(small, file, old, new, nearest):
    line = small.replace(file, old, new)
    finding = small.findings("blocks_exist")[0]
    assert (finding.file, finding.line, finding.nearest) == (file, line, nearest)


def test_a_metric_made_of_itself_is_found(small):
    small.replace(REOPEN, "numerator: tickets_reopened", "numerator: reopen_rate")
    assert small.findings("blocks_exist")[0].got == "reopen_rate"


def test_a_metric_may_be_made_of_another_metric(small):
    small.replace(RESPONSE, "input_metrics: [first", "input_metrics: [reopen_rate, first")
    assert small.findings("blocks_exist") == []


def test_a_block_that_no_metric_uses_is_found(small):
    unused = "- {name: unused, type: simple, agg: sum, expr: contacts}"
    line = small.replace(MONTHS, "- {name: contacts, type", f"{unused}\n      - {{name: contacts, type")
    finding = small.only_finding("blocks_are_used")
    assert (finding.file, finding.line) == (MONTHS, line)


def test_a_block_on_a_column_that_does_not_exist_is_found(small):
    line = small.replace(FACT, "expr: is_reopened and", "expr: is_reopend and")
    finding = small.only_finding("blocks_read_declared_columns")
    assert (finding.file, finding.line) == (FACT, line)
    assert (finding.got, finding.nearest) == ("is_reopend", "is_reopened")


def test_a_block_without_an_expression_reads_the_column_of_its_name(small):
    small.replace(MONTHS, "- {name: contacts, data_type: bigint}", "- {name: tickets, data_type: bigint}")
    gots = {finding.got for finding in small.findings("blocks_read_declared_columns")}
    assert gots == {"contacts"}
    assert len(small.findings("blocks_read_declared_columns")) == 3


def test_an_expression_that_is_not_sql_is_found(small):
    small.replace(FACT, "expr: is_reopened and first_solved_at is not null", "expr: is_reopened and and")
    assert "is not SQL" in small.only_finding("blocks_read_declared_columns").sentence


def test_columns_are_found_wherever_an_expression_reads_them():
    expressions = ["case when a = 'b' then c end", "count(d) filter (where e > 1)", "f.g", "1", "it's", "h -- i"]
    parsed = parse(expressions)
    assert [expression.columns for expression in parsed] == [("a", "c"), ("d", "e"), ("f.g",), (), (), ("h",)]
    assert [expression.error is None for expression in parsed] == [True, True, True, True, False, True]


def test_a_sample_that_counts_something_else_is_found(small):
    line = small.replace(REOPEN, "sample: tickets_solved", "sample: tickets_first_replied")
    finding = small.findings("samples_belong_to_the_metric")[0]
    assert (finding.file, finding.line) == (REOPEN, line)
    assert finding.allowed == ["tickets_reopened", "tickets_solved"]


def test_the_sample_of_a_median_counts_the_measured_column(small):
    small.replace(RESPONSE, "sample: tickets_first_replied", "sample: tickets_solved")
    finding = small.findings("samples_belong_to_the_metric")[0]
    assert "tickets_first_replied" in finding.allowed


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


WILSON = "{method: wilson, successes: tickets_reopened, trials: tickets_solved}"
NPS = "{method: nps, promoters: tickets_reopened, detractors: tickets_solved, answers: tickets_solved}"
SCALED = "{method: mean, count: tickets_solved, sum: tickets_reopened, sum_of_squares: tickets_reopened, scale: 2}"


def test_a_share_cannot_have_the_interval_of_a_net_promoter_score(small):
    small.replace(REOPEN, WILSON, NPS)
    assert "belongs to a derived metric" in small.only_finding("intervals_fit_the_metric").sentence


def test_the_interval_of_a_ratio_has_no_scale(small):
    small.replace(REOPEN, WILSON, SCALED)
    assert "scaled by 2" in small.only_finding("intervals_fit_the_metric").sentence


def test_a_period_that_is_no_column_is_answered_with_the_nearest(small):
    line = small.replace(REOPEN, "period: first_solved_at", "period: first_solved_on")
    finding = small.only_finding("periods_are_the_time_of_the_sample")
    assert (finding.file, finding.line, finding.nearest) == (REOPEN, line, "first_solved_at")


def test_a_period_by_another_column_than_the_samples_is_found(small):
    small.replace(REOPEN, "period: first_solved_at", "period: created_at")
    assert small.findings("periods_are_the_time_of_the_sample")[0].allowed == ["first_solved_at"]


def test_numerator_and_denominator_in_different_periods_are_found(small):
    small.replace(FACT, "is not null\n        agg_time_dimension: first_solved_at\n", "is not null\n")
    finding = small.only_finding("periods_are_the_time_of_the_sample")
    assert "'tickets_reopened' is placed in time by created_at" in finding.sentence


def test_a_grain_finer_than_the_data_is_found(small):
    small.replace(CONTACT, "grains: [month,", "grains: [week, month,")
    finding = small.only_finding("grains_are_as_coarse_as_the_data")
    assert (finding.got, finding.allowed) == ("week", ["month", "quarter", "year", "all"])


def test_a_slice_that_is_no_dimension_is_answered_with_the_nearest(small):
    line = small.replace(REOPEN, "slices: [channel, segment]", "slices: [channel, segments]")
    finding = small.only_finding("dimensions_can_be_reached")
    assert (finding.file, finding.line, finding.nearest) == (REOPEN, line, "segment")
    assert finding.allowed == ["channel", "segment"]


def test_the_agent_of_a_fact_is_a_slice_and_its_customer_is_not(small):
    customer = "{name: customer_id, data_type: string, entity: {type: foreign, name: customer}}"
    small.replace(FACT, customer, f"{customer}\n      - {customer.replace('customer', 'agent')}")
    small.replace(REOPEN, "slices: [channel, segment]", "slices: [channel, agent, customer]")
    finding = small.only_finding("dimensions_can_be_reached")
    assert (finding.got, finding.allowed) == ("customer", ["agent", "channel", "segment"])


def test_a_dimension_of_another_fact_cannot_be_reached(small):
    small.replace(CONTACT, "slices: [segment]", "slices: [channel]")
    assert small.only_finding("dimensions_can_be_reached").allowed == ["segment"]


def test_a_rate_in_the_unit_of_a_count_is_found(small):
    line = small.replace(REOPEN, "unit: share", "unit: count")
    finding = small.only_finding("counts_are_of_one_block")
    assert (finding.file, finding.line) == (REOPEN, line)
    assert "expr: tickets_reopened" in finding.remedy
