"""Broken on purpose: models and sources."""

from __future__ import annotations


def test_a_model_that_does_not_say_what_a_row_is_is_found(small):
    file = "models/marts/experience/dim_customers.yml"
    small.replace(file, "One row per customer.", "All customers.")
    finding = small.only_finding("models_are_described")
    assert (finding.file, finding.line) == (file, 2)


def test_a_model_without_a_description_is_found(small):
    small.write("models/marts/service/fct_new.sql", "select 1 as some_id\n")
    finding = small.only_finding("models_are_described")
    assert finding.file == "models/marts/service/fct_new.sql"
    assert finding.help == "describe it in models/marts/service/fct_new.yml"


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


def test_a_model_that_is_described_in_a_file_of_another_name_is_found(small):
    small.move("models/marts/service/fct_tickets.yml", "models/marts/service/_models.yml")
    finding = small.only_finding("models_are_described")
    assert (finding.file, finding.line) == ("models/marts/service/_models.yml", 2)
    assert finding.allowed == ["models/marts/service/fct_tickets.yml"]


def test_a_model_that_is_described_in_another_folder_is_found(small):
    small.move("models/marts/service/fct_tickets.yml", "models/marts/fct_tickets.yml")
    assert "models_are_described" in {finding.check for finding in small.findings()}
