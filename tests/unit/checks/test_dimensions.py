"""Broken on purpose: dimensions."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"
CONTACT = "metrics/experience/contact_rate.yml"
FACT = "models/marts/service/fct_tickets.yml"


def test_a_name_that_is_no_dimension_is_answered_with_the_nearest(small):
    line = small.replace(REOPEN, "dimensions: [channel, segment]", "dimensions: [channel, segments]")
    finding = small.only_finding("dimensions_can_be_reached")
    assert (finding.file, finding.line, finding.nearest) == (REOPEN, line, "segment")
    assert finding.allowed == ["channel", "segment"]


def test_the_agent_of_a_fact_is_a_dimension_and_its_customer_is_not(small):
    customer = "{name: customer_id, data_type: string, entity: {type: foreign, name: customer}}"
    small.replace(FACT, customer, f"{customer}\n      - {customer.replace('customer', 'agent')}")
    small.replace(REOPEN, "dimensions: [channel, segment]", "dimensions: [channel, agent, customer]")
    finding = small.only_finding("dimensions_can_be_reached")
    assert (finding.got, finding.allowed) == ("customer", ["agent", "channel", "segment"])


def test_a_dimension_of_another_fact_cannot_be_reached(small):
    small.replace(CONTACT, "dimensions: [segment]", "dimensions: [channel]")
    assert small.only_finding("dimensions_can_be_reached").allowed == ["segment"]
