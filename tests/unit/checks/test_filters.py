"""Broken on purpose: filters in definitions."""

from __future__ import annotations

import pytest

REOPEN = "metrics/service/reopen_rate.yml"
RESPONSE = "metrics/service/first_response_time.yml"
FACT = "models/marts/service/fct_tickets.yml"
CHECK = "filters_name_known_dimensions"
COUNTS = "filters_count_in_n_and_interval"
EMAIL = "{{ Dimension('ticket__channel') }} = 'email'"
CHAT = EMAIL.replace("email", "chat")


@pytest.mark.parametrize(
    "text",
    [
        EMAIL,
        "{{ Dimension('customer__segment') }} is not null and {{ Entity('ticket') }} is not null",
        "{{ TimeDimension('ticket__created_on', 'month') }} >= '2026-01-01'",
        "{{ TimeDimension('metric_time', 'day') }} >= '2026-01-01'",
    ],
)
def test_a_filter_on_what_the_fact_reaches_is_none(small, text):
    small.replace(REOPEN, "    config:", f'    filter: "{text}"\n    config:')
    assert small.findings(CHECK) == small.findings(COUNTS) == []


def test_a_filter_on_an_unknown_dimension_is_answered_with_the_nearest(small):
    line = small.replace(REOPEN, "    config:", f'    filter: "{EMAIL.replace("channel", "chanel")}"\n    config:')
    finding = small.only_finding(CHECK)
    assert (finding.file, finding.line, finding.nearest) == (REOPEN, line, "ticket__channel")
    assert finding.allowed == ["customer__segment", "ticket__channel"]


def test_a_dimension_without_its_entity_is_found(small):
    bare = EMAIL.replace("ticket__channel", "channel")
    small.replace(REOPEN, "denominator: tickets_solved", f'denominator: {{name: tickets_solved, filter: "{bare}"}}')
    (finding,) = small.findings(CHECK)
    assert (finding.got, finding.nearest) == ("channel", "ticket__channel")


def test_a_filter_without_a_dimension_is_found(small):
    small.replace(REOPEN, "    config:", "    filter: channel = 'email'\n    config:")
    assert "names no dimension" in small.only_finding(CHECK).sentence


def test_a_filter_of_a_simple_metric_is_looked_at_too(small):
    old = "agg: count, expr: first_reply_business_minutes,"
    line = small.replace(FACT, old, f"{old} filter: \"{{{{ Dimension('ticket__team') }}}} = 'x'\",")
    finding = small.only_finding(CHECK)
    assert (finding.file, finding.line, finding.got) == (FACT, line, "ticket__team")


def test_a_share_of_a_filtered_denominator_needs_a_filtered_numerator(small):
    line = small.replace(
        REOPEN, "denominator: tickets_solved", f'denominator: {{name: tickets_solved, filter: "{EMAIL}"}}'
    )
    finding = small.only_finding(COUNTS)
    assert (finding.line, finding.got) == (line, EMAIL)
    small.replace(REOPEN, "numerator: tickets_reopened", f'numerator: {{name: tickets_reopened, filter: "{EMAIL}"}}')
    assert small.findings(COUNTS) == []


def test_inputs_with_several_filters_leave_n_unknown(small):
    inputs = "input_metrics: [first_reply_business_minutes_median]"
    name = "first_reply_business_minutes_median"
    two = [f'{{name: {name}, alias: {alias}, filter: "{text}"}}' for alias, text in (("a", EMAIL), ("b", CHAT))]
    small.replace(RESPONSE, inputs, f"input_metrics: [{', '.join(two)}]")
    assert {"'sample'" in finding.sentence or "'value'" in finding.sentence for finding in small.findings(COUNTS)} == {
        True
    }
    small.replace(RESPONSE, CHAT, EMAIL)
    assert small.findings(COUNTS) == []


def test_simple_metrics_that_go_together_have_one_filter(small):
    contact = "metrics/experience/contact_rate.yml"
    fact = "models/marts/experience/fct_customer_months.yml"
    segment = EMAIL.replace("ticket__channel", "customer__segment")
    small.replace(fact, "name: contacts_squared,", f'name: contacts_squared, filter: "{segment}",')
    finding = small.only_finding(COUNTS)
    assert (finding.file, "contacts_squared" in finding.sentence) == (contact, True)


@pytest.mark.parametrize("offset", ["offset_window: 1 month", "offset_to_grain: month"])
def test_an_offset_is_refused(small, offset):
    line = small.replace(REOPEN, "denominator: tickets_solved", f"denominator: {{name: tickets_solved, {offset}}}")
    finding = small.findings("definitions_can_be_read")[0]
    assert (finding.file, finding.line) == (REOPEN, line)
    assert offset.split(":")[0] in f"{finding.sentence} {finding.got}"
