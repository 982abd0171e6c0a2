"""What is planted is in the data, nothing else goes wrong, and the manifest says so."""

import json
from pathlib import Path

import duckdb
import pytest

from cxmetrics.demo.generate import Demo, plantable_stages
from cxmetrics.demo.manifest import MANIFEST
from cxmetrics.errors import CxError
from support.seed_files import journey_stages

# What came of customers in the 90 days after a contact whose cause is, or is not, the planted stage.
LEFT = """
    select
        reasons.cause_stage = 'onboarding' as is_planted,
        avg((stays.ended_at <= tickets.created_at + interval 90 days)::integer) as left_share
    from tickets
    inner join reasons using (contact_reason)
    inner join (
        select customer_id, max(coalesce(ended_at, 'infinity')) as ended_at from subscriptions group by customer_id
    ) as stays using (customer_id)
    where tickets.created_at < '2026-03-01' and not tickets.is_proactive and stays.ended_at > tickets.created_at
    group by is_planted order by is_planted"""


def contacts(data: duckdb.DuckDBPyConnection) -> dict[str, int]:
    query = "select cause_stage, count(*) from tickets join reasons using (contact_reason) group by cause_stage"
    return dict(data.execute(query).fetchall())


def test_friction_causes_contacts_of_its_stage_and_of_no_other(onboarding, nothing):
    more, usual = contacts(onboarding), contacts(nothing)
    assert more["onboarding"] > 1.5 * usual["onboarding"]
    # Who left asks no more, so the others become a little fewer.
    assert all(0.75 * usual[stage] < more[stage] <= usual[stage] for stage in set(plantable_stages()) - {"onboarding"})


def test_customers_leave_after_contacts_of_the_planted_stage_and_no_others(onboarding, nothing):
    (_, others), (_, affected) = onboarding.execute(LEFT).fetchall()
    (_, usual_others), (_, usual) = nothing.execute(LEFT).fetchall()
    assert affected > usual + 0.15
    assert abs(usual - usual_others) < 0.05 and others < usual_others + 0.1


def test_service_is_good_at_what_is_planted(onboarding):
    (satisfied,) = onboarding.execute("""
        select avg((score >= 4)::integer)
        from survey_responses join tickets using (ticket_id) join reasons using (contact_reason)
        where survey_type = 'csat' and cause_stage = 'onboarding'""").fetchone()
    assert satisfied > 0.8


def test_the_manifest_says_what_was_planted(onboarding, nothing, planted_folder: Path):
    manifests = {name: (planted_folder / name / MANIFEST).read_text() for name in ("onboarding", "nothing")}
    said = {name: json.loads(manifest)["planted"] for name, manifest in manifests.items()}
    assert said == {"onboarding": {"stage": "onboarding", "effect": 0.3}, "nothing": {"stage": None, "effect": 0}}
    assert Demo(plant="use").manifest()["planted"] == {"stage": "use", "effect": 0.1}
    assert "planted" not in Demo().manifest()


def test_every_stage_that_can_be_planted_is_one_of_the_seed_and_service_is_one_of_them():
    stages = plantable_stages()
    assert {"service"} < set(stages) <= set(journey_stages())
    assert len(set(stages)) == len(stages)


@pytest.mark.parametrize(
    ("plant", "effect", "what", "got", "next_step"),
    [
        ("onbording", None, "--plant takes the stage", "onbording", "cx demo --plant onboarding"),
        ("loyalty", 0.1, "--plant takes the stage", "loyalty", "cx demo --plant awareness"),
        (None, 0.2, "no stage is planted", "no --plant", "cx demo --plant awareness --effect 0.2"),
        ("none", 0.2, "no stage is planted", "--plant none", "cx demo --plant awareness --effect 0.2"),
        ("use", 0.9, "--effect must be between 0.01 and 0.5", 0.9, "cx demo --plant use --effect 0.1"),
        ("use", float("nan"), "--effect must be between 0.01 and 0.5", None, "cx demo --plant use --effect 0.1"),
    ],
)
def test_what_cannot_be_planted_is_refused(plant, effect, what, got, next_step):
    with pytest.raises(CxError, match=what) as refused:
        Demo(plant=plant, effect=effect)
    assert refused.value.next_step == next_step
    assert got is None or refused.value.got == got
