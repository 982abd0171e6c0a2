"""Broken on purpose: what metrics say, what they name, and the files beside them."""

from __future__ import annotations

import pytest

REOPEN = "metrics/service/reopen_rate.yml"
RESPONSE = "metrics/service/first_response_time.yml"
CONTACT = "metrics/experience/contact_rate.yml"
GOLDEN = "tests/metrics/service/reopen_rate.yml"


def test_an_unknown_key_is_found(small):
    line = small.replace(REOPEN, "unit: share", "unit: share\n          colour: red")
    finding = small.only_finding("definitions_can_be_read")
    assert (finding.file, finding.line, finding.got) == (REOPEN, line + 1, "colour")


def test_a_file_named_otherwise_than_its_metric_is_found(small):
    small.move(REOPEN, "metrics/service/reopened.yml")
    finding = small.only_finding("files_are_named_after_their_metric")
    assert (finding.file, finding.line) == ("metrics/service/reopened.yml", 2)


def test_a_missing_golden_case_is_found(small):
    small.remove(GOLDEN)
    finding = small.only_finding("golden_cases_exist")
    assert finding.file == REOPEN
    assert GOLDEN in finding.sentence


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("metric: reopen_rate", "metric: reopn_rate", "of another metric"),
        ("expect: [{because: It shows the number., value: 1, n: 1}]", "expect: []", "'expect' is empty"),
        ("value: 1, n: 1", "n: 1", "'expect.value' is missing"),
        ("value: 1, n: 1", "valeu: 1, value: 1, n: 1", "unknown key 'expect.valeu'"),
        ("given: {a_fact: [{id: 1}]}", "given: {}", "'given' is empty"),
        ("given: {a_fact: [{id: 1}]}", "given: {", "not valid YAML"),
    ],
)
def test_a_golden_case_that_proves_nothing_is_found(small, old, new, words):
    small.replace(GOLDEN, old, new)
    finding = small.only_finding("golden_cases_exist")
    assert finding.file == GOLDEN
    assert words in finding.sentence


def test_a_missing_doc_text_is_found(small):
    small.remove("metrics/service/reopen_rate.md")
    assert "reopen_rate.md does not exist" in small.only_finding("doc_texts_exist").sentence


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (REOPEN, "{{ doc('reopen_rate') }}", "Words.", "not the metric's doc text"),
        (REOPEN, "{{ doc('reopen_rate') }}", "{{ doc('contact_rate') }}", "not the metric's doc text"),
        ("metrics/service/reopen_rate.md", "docs reopen_rate", "docs reopened_rate", "no doc text called reopen_rate"),
        ("metrics/service/reopen_rate.md", "What is counted, from when to when, without what, and why it belongs here.",
         "A rate.", "next to nothing"),
    ],
)  # fmt: skip
def test_a_doc_text_that_does_not_explain_the_metric_is_found(small, file, old, new, words):
    small.replace(file, old, new)
    assert words in small.only_finding("doc_texts_exist").sentence


def test_a_stage_that_does_not_exist_is_answered_with_the_nearest(small):
    line = small.replace(REOPEN, "stages: [service]", "stages: [servce]")
    finding = small.only_finding("stages_exist")
    assert (finding.file, finding.line, finding.nearest) == (REOPEN, line, "service")


def test_no_position_and_no_reason_is_found(small):
    small.replace(REOPEN, "          positions_note: No source has one.\n", "")
    assert "positions_note" in small.only_finding("positions_are_given_or_explained").remedy


def test_two_positions_of_one_source_are_found(small):
    position = "            - {source: kelley, domain: experience, says: Low is good.}\n"
    small.replace(CONTACT, position, position + position.replace("experience", "service"))
    assert "'kelley' has 2 positions" in small.only_finding("positions_are_given_or_explained").sentence


def test_two_targets_for_the_same_customers_from_one_day_on_are_found(small):
    target = "            - {since: 2025-01-01, value: 0.05}\n"
    line = small.replace(REOPEN, target, target + target.replace("0.05", "0.06"))
    finding = small.only_finding("targets_are_unambiguous")
    assert (finding.file, finding.line) == (REOPEN, line + 1)


def test_a_target_without_a_direction_is_found(small):
    small.replace(REOPEN, "direction: down", "direction: none")
    assert "without a direction" in small.only_finding("targets_are_unambiguous").sentence


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("- {version: 1,", "- {version: 2,", "version 1 has no changelog entry"),
        ("- {version: 1,", "- {version: 2,", "version 2 is newer than the metric's version 1"),
        ("changelog:\n", f"changelog:\n{' ' * 12}- {{version: 1, date: 2026-02-01, change: x}}\n", "is listed twice"),
    ],
)
def test_a_version_without_its_changelog_entry_is_found(small, old, new, words):
    small.replace(REOPEN, old, new)
    sentences = [finding.sentence for finding in small.findings("versions_have_a_changelog_entry")]
    assert any(words in sentence for sentence in sentences), sentences
    assert {finding.check for finding in small.findings()} == {"versions_have_a_changelog_entry"}


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


def test_a_deprecated_metric_without_a_successor_is_found(small):
    small.replace(REOPEN, "{state: active}", "{state: deprecated}")
    assert "without a successor" in small.only_finding("retired_metrics_name_a_successor").sentence


def test_an_active_metric_with_a_successor_is_found(small):
    small.replace(REOPEN, "{state: active}", "{state: active, replaced_by: contact_rate}")
    assert "but is active" in small.only_finding("retired_metrics_name_a_successor").sentence


def test_a_model_that_does_not_say_what_a_row_is_is_found(small):
    file = "models/marts/experience/dim_customers.yml"
    small.replace(file, "One row per customer.", "All customers.")
    finding = small.only_finding("models_are_described")
    assert (finding.file, finding.line) == (file, 2)


def test_a_model_without_a_description_is_found(small):
    small.write("models/marts/service/fct_new.sql", "select 1 as some_id\n")
    finding = small.only_finding("models_are_described")
    assert finding.file == "models/marts/service/fct_new.sql"
    assert finding.remedy == "describe it in models/marts/service/fct_new.yml"


def test_a_model_that_is_described_in_a_file_of_another_name_is_found(small):
    small.move("models/marts/service/fct_tickets.yml", "models/marts/service/_models.yml")
    finding = small.only_finding("models_are_described")
    assert (finding.file, finding.line) == ("models/marts/service/_models.yml", 2)
    assert finding.allowed == ["models/marts/service/fct_tickets.yml"]


def test_a_model_that_is_described_in_another_folder_is_found(small):
    small.move("models/marts/service/fct_tickets.yml", "models/marts/fct_tickets.yml")
    assert "models_are_described" in {finding.check for finding in small.findings()}


def test_a_model_below_the_marts_that_reads_a_mart_is_found(small):
    sql = "{# ref('fct_tickets') was read here,\nand no more #}\nselect *\nfrom {{ ref(\"fct_tickets\") }}\n"
    small.write("models/intermediate/tickets/int_new.sql", sql)
    described = "models:\n  - {name: int_new, description: One row per ticket.}\n"
    small.write("models/intermediate/tickets/int_new.yml", described)
    finding = small.only_finding("models_below_the_marts_read_no_mart")
    assert (finding.file, finding.line) == ("models/intermediate/tickets/int_new.sql", 4)
    assert "fct_tickets" in finding.sentence


@pytest.mark.parametrize("folder", ["marts/service", "build"])
def test_a_mart_and_what_a_build_says_of_itself_may_read_a_mart(small, folder: str):
    small.write(f"models/{folder}/fct_new.sql", "select * from {{ ref('fct_tickets') }}\n")
    small.write(f"models/{folder}/fct_new.yml", "models:\n  - {name: fct_new, description: One row per ticket.}\n")
    assert small.findings() == []


def test_an_entity_without_a_model_is_found(small):
    line = small.replace("dbt_project.yml", "canonical: [tickets]", "canonical: [tickets, ticket_events]")
    finding = small.only_finding("sources_provide_what_they_declare")
    assert (finding.file, finding.line, finding.got) == ("dbt_project.yml", line, "ticket_events")


def test_a_model_of_an_entity_that_is_not_declared_is_found(small):
    small.write("models/staging/canonical/stg_canonical__orders.sql", "select 1 as order_id\n")
    described = "models:\n  - {name: stg_canonical__orders, description: One row per order.}\n"
    small.write("models/staging/canonical/stg_canonical__orders.yml", described)
    assert "'orders', which it does not declare" in small.only_finding("sources_provide_what_they_declare").sentence


def test_an_enabled_source_that_does_not_exist_is_answered_with_the_nearest(small):
    small.replace("dbt_project.yml", "sources: [canonical]", "sources: [canonicl]")
    assert small.only_finding("sources_provide_what_they_declare").nearest == "canonical"


def test_a_declared_source_without_a_folder_is_found(small):
    small.replace("dbt_project.yml", "canonical: [tickets]", "canonical: [tickets]\n    zendesk: [tickets]")
    assert "models/staging/zendesk" in small.only_finding("sources_provide_what_they_declare").sentence


def test_a_project_file_that_cannot_be_read_is_an_error_of_configuration(small):
    from cxmetrics.errors import CxError

    small.write("dbt_project.yml", "- a\n")
    with pytest.raises(CxError, match="must hold keys and values"):
        small.findings()
