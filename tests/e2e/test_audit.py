"""``cx audit`` and ``cx query --experiment`` on the demo, as users run them."""

from __future__ import annotations

import json
from collections import Counter

import duckdb
import pytest

from support.seed_files import journey_stages
from support.workplace import Workplace


@pytest.fixture(scope="module")
def answer(demo: Workplace) -> dict:
    return json.loads(demo.cx_succeeds("audit", "--json"))


def test_every_stage_is_audited_once_and_by_rank(answer: dict):
    assert answer["is_synthetic"] is True
    findings = answer["findings"]
    assert [row["audit_rank"] for row in findings] == list(range(1, len(findings) + 1))
    assert sorted(row["stage"] for row in findings) == sorted(journey_stages())
    assert all(row["accountable_group"] for row in findings)


@pytest.mark.parametrize(
    ("name", "stage", "count"),
    [("masked", "answered_cause_stage", "churned_after_praise"), ("silent", "stage", "silent_churned")],
)
def test_whom_the_audit_counts_it_lists_by_id(demo: Workplace, answer: dict, name: str, stage: str, count: str):
    listed = json.loads(demo.cx_succeeds("audit", "--list", name, "--json"))["customers"]
    by_stage = Counter(row[stage] for row in listed if row[stage] is not None)
    assert by_stage
    assert {row["stage"]: row[count] for row in answer["findings"] if row[count]} == by_stage
    assert len({row["journey_id"] for row in listed}) == len(listed)


def test_every_contact_of_the_demo_has_an_owner_and_most_lie_outside_support(demo: Workplace, answer: dict):
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        contacts, outside = connection.execute(
            "select count(*), count_if(accountable_group <> 'support') from service.fct_tickets"
            " where is_proactive is not true and not is_merged"
        ).fetchone()
    ownership = answer["ownership"]
    assert (ownership["contacts"], ownership["contacts_outside_support"]) == (contacts, outside)
    assert ownership["share_outside_support"] == pytest.approx(outside / ownership["contacts_with_cause"])
    assert ownership["share_outside_support"] > 0.5


def test_the_audit_is_shown_to_people_with_what_it_does_not_show(demo: Workplace):
    for arguments in ((), ("--format", "markdown"), ("--segment", "business")):
        shown = " ".join(demo.cx_succeeds("audit", *arguments).split())
        assert "SYNTHETIC DEMO DATA" in shown
        assert "never shown to be caused by it" in shown


def test_variants_of_an_experiment_of_the_demo_are_compared(demo: Workplace):
    rows = json.loads(
        demo.cx_succeeds(
            "query", "contact_rate", "average_response_time", "--experiment", "welcome_call_timing", "--json"
        )
    )["rows"]
    assert [(row["metric"], row["variant"]) for row in rows] == [
        (metric, variant) for metric in ("contact_rate", "average_response_time") for variant in ("control", "early")
    ]
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        customers = dict(
            connection.execute(
                """select variant, count(distinct customer_id) from (
                    select customer_id, arg_min(variant, occurred_at) as variant from journey.fct_touchpoint_events
                    where experiment = 'welcome_call_timing' group by customer_id
                ) group by variant"""
            ).fetchall()
        )
        # Contacts over customer-months, counted by the day, after the month of the assignment, by hand.
        by_hand = dict(
            connection.execute(
                """select variant, 100.0 * sum(contacts) / sum(share_of_month)
                from journey.experiment_assignments
                inner join experience.fct_customer_months using (customer_id)
                cross join metrics.build_as_of
                where experiment = 'welcome_call_timing' and month_on > assigned_on
                    and month_on + interval 1 month + interval 30 day <= as_of + interval 1 second
                group by variant"""
            ).fetchall()
        )
    assert {row["variant"]: row["customers"] for row in rows} == customers
    for row in rows[:2]:
        assert row["value"] == pytest.approx(by_hand[row["variant"]])
        assert row["ci_low"] < row["value"] < row["ci_high"]
    assert rows[1]["difference"] == pytest.approx(rows[1]["value"] - rows[0]["value"])
    assert rows[1]["difference_low"] < rows[1]["difference"] < rows[1]["difference_high"]
