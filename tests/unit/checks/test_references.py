"""Broken on purpose: metrics that name others."""

from __future__ import annotations

import pytest

REOPEN = "metrics/service/reopen_rate.yml"
RESPONSE = "metrics/service/first_response_time.yml"
CONTACT = "metrics/experience/contact_rate.yml"


@pytest.mark.parametrize(
    ("file", "old", "new", "nearest"),
    [
        (REOPEN, "related: [first_response_time]", "related: [first_respons_time]", "first_response_time"),
        (CONTACT, "not_a_proxy_for: [reopen_rate]", "not_a_proxy_for: [reopn_rate]", "reopen_rate"),
        (REOPEN, "counterpart: null", "counterpart: contact_rates", "contact_rate"),
        (REOPEN, "related: [first_response_time]", "related: [reopen_rate]", None),
    ],
)
def test_a_reference_to_a_metric_that_does_not_exist_is_found(small, file, old, new, nearest):
    line = small.replace(file, old, new)
    finding = small.only_finding("other_metrics_exist")
    assert (finding.file, finding.line, finding.nearest) == (file, line, nearest)


def test_a_metric_whose_file_cannot_be_read_still_exists_for_others(small):
    small.replace(REOPEN, "unit: share", "unit: shares")
    small.only_finding("definitions_can_be_read")


def test_a_counterpart_that_does_not_answer_is_found(small):
    small.replace(REOPEN, "counterpart: null", "counterpart: contact_rate")
    assert "does not name this metric in return" in small.only_finding("counterparts_answer").sentence
    small.replace(CONTACT, "stages: [use]", "stages: [use]\n          counterpart: reopen_rate")
    assert small.findings() == []


def test_a_counterpart_in_the_same_domain_is_found(small):
    small.replace(REOPEN, "counterpart: null", "counterpart: first_response_time")
    assert "is a service metric too" in small.only_finding("counterparts_answer").sentence


def switch_off(small, file: str) -> None:
    text = (small.root / file).read_text(encoding="utf-8")
    small.write(file, text.replace("    config:\n", "    config:\n      enabled: false\n"))


OFF = "nothing_refers_to_a_metric_that_is_switched_off"


def test_what_names_a_metric_that_is_switched_off_is_found(small):
    switch_off(small, RESPONSE)
    finding = small.only_finding(OFF)
    assert (finding.file, finding.got) == (REOPEN, "first_response_time")
    assert finding.sentence == f"'related' names a metric that is switched off in {RESPONSE}"
    small.replace(REOPEN, "          related: [first_response_time]\n", "")
    assert small.findings() == []


def test_a_metric_that_is_switched_off_may_have_no_case_no_text_and_mistakes(small):
    switch_off(small, RESPONSE)
    small.replace(REOPEN, "          related: [first_response_time]\n", "")
    small.replace(RESPONSE, "unit: minutes", "unit: minuets")
    small.remove(f"tests/{RESPONSE}")
    small.remove(RESPONSE.replace(".yml", ".md"))
    assert small.findings() == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("docs/guides/times.md", "Read `first_response_time` first.\n"),
        ("README.md", "Read `first_response_time` first.\n"),
        ("models/overview.md", "{% docs overview %}{{ doc('first_response_time') }}{% enddocs %}\n"),
        ("models/exposures.yml", "exposures: [{name: board, depends_on: [metric('first_response_time')]}]\n"),
    ],
)
def test_texts_and_exposures_that_name_it_are_found(small, file, text):
    small.write(file, text)
    assert small.findings() == []
    switch_off(small, RESPONSE)
    small.replace(REOPEN, "          related: [first_response_time]\n", "")
    finding = small.only_finding(OFF)
    assert (finding.file, finding.line, finding.got) == (file, 1, "first_response_time")


def test_a_metric_that_is_made_of_it_is_found(small):
    small.replace(CONTACT, "[contacts, customer_months]", "[contacts, customer_months, first_response_time]")
    small.replace(REOPEN, "          related: [first_response_time]\n", "")
    switch_off(small, RESPONSE)
    finding = small.only_finding(OFF)
    assert (finding.file, finding.sentence.split(" names ")[0]) == (CONTACT, "an input metric")
