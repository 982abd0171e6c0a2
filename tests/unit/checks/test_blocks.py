"""Broken on purpose: simple metrics."""

from __future__ import annotations

import pytest

REOPEN = "metrics/service/reopen_rate.yml"
RESPONSE = "metrics/service/first_response_time.yml"
CONTACT = "metrics/experience/contact_rate.yml"
FACT = "models/marts/service/fct_tickets.yml"
WILSON = "          interval: {method: wilson, successes: tickets_reopened, trials: tickets_solved}\n"
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
    small.replace(FACT, "expr: is_reopened and first_solved_on is not null", "expr: is_reopened and and")
    assert "is not SQL" in small.only_finding("blocks_read_declared_columns").sentence


def test_what_follows_from_a_block_that_does_not_exist_is_told_once(small):
    text = (small.root / REOPEN).read_text(encoding="utf-8")
    for written in ("          sample: tickets_solved\n", "          period: first_solved_on\n", WILSON):
        text = text.replace(written, "")
    small.write(REOPEN, text)
    assert small.findings() == []
    small.replace(REOPEN, "denominator: tickets_solved", "denominator: tickets_solvd")
    found = [finding for finding in small.findings() if finding.file == REOPEN]
    assert [(finding.check, finding.nearest) for finding in found] == [("blocks_exist", "tickets_solved")]


def test_a_metric_that_is_switched_off_keeps_its_blocks(small):
    small.replace(RESPONSE, "group: support", "group: support\n      enabled: false")
    assert small.findings("blocks_are_used") == []


def test_a_count_of_a_condition_that_metricflow_reads_otherwise_is_found(small):
    line = small.replace(FACT, "agg: count\n        expr: first_solved_on", "agg: count\n        expr: not is_reopened")
    finding = small.only_finding("counts_are_of_a_value")
    assert (finding.file, finding.line, finding.got) == (FACT, line + 1, "not")
    small.replace(FACT, "expr: not is_reopened", "expr: (not is_reopened)")
    assert small.findings() == []
