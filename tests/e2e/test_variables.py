"""Every variable of dbt_project.yml is for a team to change: what dbt tests holds under other values, too."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml

from support.workplace import ROOT, Workplace

# What is read, which is tested where sources are read; and what the project says of itself.
NOT_SETTINGS = {"first_defined", "sources", "source_entities"}
OTHER = {
    "as_of": "2026-03-31",
    "reporting_timezone": "America/New_York",
    "week_starts_on": "sunday",
    "coverage_gap_days": 20,
    "delivered_until": {"canonical": {"referrals": "2026-02-28"}},
    "replaced_sources": ["servicenow"],
    "people": {"agent": {"ids": True, "smallest_group": 3}, "customer": {"smallest_group": 3}},
    "business_schedule": "always",
    "currency": "USD",
    "opening_tolerance_seconds": 60,
    "contact_gap_minutes": 60,
    "repeat_contact_days": 30,
    "reopen_days": 14,
    "one_touch_days": 3,
    "transfer_days": 3,
    "escalation_days": 14,
    "real_time_channels": ["phone"],
    "short_abandon_seconds": 5,
    "service_level_seconds": 30,
    "aged_backlog_days": 14,
    "resolution_maturity_days": 20,
    "prompt_resolution_hours": 8,
    "survey_answer_days": 7,
    "self_service_hours": 48,
    "containment_days": 3,
    "churn_grace_days": 14,
    "pause_days": 60,
    "lapse_days": 365,
    "silent_days": 60,
    "silent_answer_days": 14,
    "satisfied_days": 90,
    "recurring_margin_rate": "",
    "discount_rate": 0.05,
    "repeat_purchase_days": 180,
    "referral_days": 60,
    "recovery_days": 60,
    "journey_gap_days": 90,
    "stage_window_days": 30,
    "journey_completion_days": 200,
    "outreach_hours": 24,
    "onboarding_days": 14,
    "effort_days": 180,
    "need_gap_days": 3,
    "audit_window_days": 60,
    "audit_min_affected": 10,
    "audit_min_churned": 2,
    "audit_min_answers": 10,
    "audit_service_threshold": 0.5,
    "audit_false_discovery_rate": 0.1,
}


def test_every_setting_has_another_value_here():
    stated = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert OTHER.keys() == stated.keys() - NOT_SETTINGS
    assert not {name for name, value in OTHER.items() if value == stated[name]}


@pytest.fixture
def rebuilt(demo: Workplace, workplace: Workplace) -> Workplace:
    """What the build of the demo left, for a build of one's own with unit and data tests."""
    shutil.copytree(demo.folder / "warehouse" / "build", workplace.folder / "warehouse" / "build")
    return Workplace(workplace.folder, has_unit_tests=True)


def test_no_unit_test_and_no_data_test_depends_on_the_settings(rebuilt: Workplace):
    done = rebuilt.run("dbt", "build", "--quiet", "--vars", json.dumps(OTHER))
    assert done.returncode == 0, done.stdout + done.stderr
