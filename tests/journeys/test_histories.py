"""The journeys and stages of hand-written histories."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cxmetrics.errors import CxError
from support.histories import (
    CompiledModels,
    differences,
    failed_tests,
    read_history,
    run,
)

FOLDER = Path(__file__).parent
HISTORIES = sorted(FOLDER.glob("*.yml"))
# Model -> what is replaced by what; the history that notices.
BROKEN_MODELS = {
    "int_journey_events": ("event_before_at > covered_until", "true", "return_soon_after_churn"),
    "int_customer_cycles": (
        "counts_until_before >= started_at",
        "counts_until_before > started_at",
        "renewal_on_the_same_day",
    ),
    "int_journey_entries": ("not events.is_proactive", "true", "one_event"),
    "int_journey_stages": ("stage_position = furthest_position", "true", "overlapping_subscriptions"),
    "int_journeys": (
        "when ended_at is null and first_renewed_at is not null",
        "when ended_at is null and false",
        "the_whole_way",
    ),
    "fct_churned_customers": ("and churned.satisfied_from <= responses.responded_at", "", "five_stars_and_gone"),
}
# What a history's tables suffer -> the data test that sees it.
DAMAGES = {
    "update journey.fct_journey_stages set status = 'completed' where status = 'dropped'": "journeys_end_in_one_stage",
    "delete from journey.fct_journey_stages where stage = 'use'": "journeys_hold_everything_once",
    "update journey.fct_journey_stages set contacts = 9 where stage = 'use'": "journeys_hold_everything_once",
    "delete from intermediate.int_journey_tickets where cause_stage = 'use'": "journeys_hold_everything_once",
    "update journey.fct_journeys set revenue = revenue + 1": "journeys_hold_everything_once",
    "update journey.contact_ownership set contacts = 0": "churned_customers_and_owners_add_up",
    "update journey.contact_ownership set is_outside_support = null": "churned_customers_and_owners_add_up",
    "delete from journey.dual_lens where segment = 'home'": "churned_customers_and_owners_add_up",
    "delete from journey.fct_churned_customers where is_silent": "churned_customers_and_owners_add_up",
    # What is missing adds up to nothing, and must not pass for it.
    "update journey.fct_journeys set outcome = null": "journeys_end_in_one_stage",
    "update journey.fct_journey_stages set stage = null where stage = 'use'": "journeys_end_in_one_stage",
    "update service.fct_tickets set is_solved = true, priority = 'low', effort = 1;"
    " update intermediate.int_tickets set agent_id = 'a'": "efforts_of_a_kind_even_out",
    "update journey.experience_audit set journeys = null": "segments_of_the_audit_add_up",
    "update journey.experience_audit set affected = null where stage = 'use'": "segments_of_the_audit_add_up",
    "update journey.experience_audit set segment = null where segment = 'home'": "segments_of_the_audit_add_up",
}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_history_makes_these_journeys_and_they_add_up(path: Path, models: CompiledModels):
    history = read_history(path, models)
    with run(models, history) as connection:
        assert differences(connection, history) == []
        assert failed_tests(connection, models) == []


@pytest.mark.parametrize("model", BROKEN_MODELS)
def test_a_broken_model_is_noticed(model: str, models: CompiledModels):
    right, wrong, name = BROKEN_MODELS[model]
    relation, query = models.queries[model]
    assert right in query, f"{model} does not hold {right!r} any more"
    broken = replace(models, queries=models.queries | {model: (relation, query.replace(right, wrong))})
    history = read_history(FOLDER / f"{name}.yml", models)
    with run(broken, history) as connection:
        assert differences(connection, history)


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_does_not_add_up_is_noticed_by_a_data_test(damage: str, models: CompiledModels):
    history = read_history(FOLDER / "five_stars_and_gone.yml", models)
    with run(models, history) as connection:
        connection.execute("update journey.fct_journeys set revenue = 0")
        assert failed_tests(connection, models) == []
        connection.execute(damage)
        assert DAMAGES[damage] in failed_tests(connection, models)


@pytest.mark.parametrize(
    ("text", "got", "nearest"),
    [
        ("given:\n  ticket: [{ticket_id: a}]\nexpect: {}", "ticket", "tickets"),
        ("given:\n  tickets: [{ticket_idd: a}]\nexpect: {}", "ticket_idd", "ticket_id"),
        ("given:\n  tickets: []\nexpect: {'a:1': {because: b, columns: {}, stages: {usee: {}}}}", "usee", "use"),
        ("givn:\n  tickets: []\nexpect: {}", "givn", "given"),
    ],
)
def test_a_misspelt_history_is_refused(text: str, got: str, nearest: str, models: CompiledModels, tmp_path: Path):
    file = tmp_path / "history.yml"
    file.write_text(f"history: h\nas_of: 2025-12-31\n{text}\n", encoding="utf-8")
    with pytest.raises(CxError) as raised:
        read_history(file, models)
    assert (raised.value.got, raised.value.nearest) == (got, nearest)


def test_a_journey_nobody_expected_and_one_that_did_not_come_are_differences(models: CompiledModels):
    history = read_history(FOLDER / "only_surveys.yml", models)
    expected = history.expect["ann:1"]
    with run(models, history) as connection:
        found = differences(connection, history.model_copy(update={"expect": {"bob:1": expected}}))
    assert found == ["ann:1: not expected", "bob:1: expected"]
