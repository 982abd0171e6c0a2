"""Broken on purpose: dimensions that only a part of a metric knows."""

from __future__ import annotations

import pytest

CONTACT = "metrics/experience/contact_rate.yml"
CAUSES = "models/marts/experience/fct_customer_month_contacts.yml"

CAUSES_YML = """models:
  - name: fct_customer_month_contacts
    description: One row per customer, month and cause.
    config: {meta: {cx: {told_by: [tickets]}}}
    semantic_model: true
    agg_time_dimension: month_on
    columns:
      - {name: customer_month_contact_id, data_type: string, entity: {type: primary, name: customer_month_contact}}
      - {name: customer_id, data_type: string, entity: {type: foreign, name: customer}}
      - {name: month_on, data_type: date, granularity: month, dimension: {type: time}}
      - {name: cause_stage, data_type: string, dimension: {type: categorical}}
      - {name: contacts, data_type: bigint}
    metrics:
      - {name: contacts_by_cause, type: simple, agg: sum, expr: contacts, hidden: true}
      - {name: contacts_by_cause_squared, type: simple, agg: sum, expr: contacts * contacts, hidden: true}
"""
PARTS = "partial_dimensions: {cause_stage: {contacts: contacts_by_cause, contacts_squared: contacts_by_cause_squared}}"


@pytest.fixture(autouse=True)
def with_causes(small):
    small.write(CAUSES, CAUSES_YML)
    small.write(CAUSES.replace(".yml", ".sql"), "select 1 as contacts")
    small.replace(CONTACT, "dimensions: [segment]", f"dimensions: [cause_stage, segment]\n          {PARTS}")
    findings = small.findings()
    assert not findings, "\n".join(map(str, findings))


def test_the_stand_ins_of_a_partial_dimension_exist(small):
    small.replace(CONTACT, "contacts: contacts_by_cause,", "contacts: contacts_by_couse,")
    assert small.findings("blocks_exist")[0].nearest == "contacts_by_cause"


def test_a_partial_dimension_is_a_dimension_of_the_part(small):
    small.replace(CAUSES, "name: cause_stage", "name: stage")
    assert small.only_finding("dimensions_can_be_reached").allowed == ["segment", "stage"]


def test_without_stand_ins_the_dimension_of_a_part_is_no_dimension(small):
    small.replace(CONTACT, PARTS, "")
    assert [finding.got for finding in small.findings("dimensions_can_be_reached")] == ["cause_stage"]


@pytest.mark.parametrize(
    ("file", "old", "new", "got"),
    [
        (CONTACT, "dimensions: [cause_stage, segment]", "dimensions: [segment]", "cause_stage"),
        (CONTACT, "cause_stage: {contacts:", "cause_stage: {contact:", "contact"),
        (CONTACT, "[contacts, customer", "[{name: contacts, filter: contacts > 1}, customer", "derived"),
        (CAUSES, "agg: sum, expr: contacts, ", "agg: max, expr: contacts, ", "max"),
    ],
)
def test_a_partial_dimension_replaces_what_adds_up(small, file: str, old: str, new: str, got: str):
    small.replace(file, old, new)
    (finding,) = small.findings("partial_dimensions_replace_what_adds_up")
    assert (finding.file, finding.got) == (CONTACT, got)
