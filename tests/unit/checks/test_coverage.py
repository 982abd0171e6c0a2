"""Broken on purpose: what tells of a fact."""

from __future__ import annotations

FACT = "models/marts/service/fct_tickets.yml"
METRIC = "metrics/service/reopen_rate.yml"


def test_a_fact_that_says_nothing_of_its_tables_is_found(small):
    small.replace(FACT, "    config: {meta: {cx: {told_by: [tickets]}}}\n", "")
    finding = small.only_finding("facts_say_what_tells_of_them")
    assert (finding.file, finding.line) == (FACT, 2)


def test_a_table_that_is_no_entity_is_answered_with_the_nearest(small):
    small.replace(FACT, "told_by: [tickets]", "told_by: [[ticket]]")
    finding = small.only_finding("facts_say_what_tells_of_them")
    assert (finding.got, finding.nearest) == ("ticket", "tickets")


def test_a_column_that_names_no_entity_is_found(small):
    line = small.replace(
        FACT,
        "{name: is_reopened, data_type: boolean}",
        "{name: is_reopened, data_type: boolean, config: {meta: {cx: {told_by: [event]}}}}",
    )
    finding = small.only_finding("facts_say_what_tells_of_them")
    assert (finding.line, finding.got) == (line, "event")


def test_a_metric_that_names_no_entity_is_found(small):
    line = small.replace(METRIC, "          unit: share\n", "          unit: share\n          told_by: [[ticket]]\n")
    finding = small.only_finding("facts_say_what_tells_of_them")
    assert (finding.file, finding.line, finding.nearest) == (METRIC, line + 1, "tickets")
