"""Broken on purpose: schedules that have no hours, and two for one team."""

from __future__ import annotations

import pytest

from cxmetrics.checks import BUILD_CHECKS
from cxmetrics.checks.schedules import schedules_are_assigned_once, schedules_have_opening_hours

HOURS, HOLIDAYS = "seeds/business_hours.csv", "seeds/holidays.csv"
ASSIGNMENTS, LABELS = "seeds/schedule_assignments.csv", "seeds/labels.csv"


@pytest.fixture
def scheduled(small):
    """Two schedules and what refers to them."""
    hours = "schedule,time_zone,weekday,opens_at,closes_at\nberlin,Europe/Berlin,1,09:00,17:00\n"
    small.write(HOURS, hours + "new_york,America/New_York,1,09:00,17:00\n")
    small.write(HOLIDAYS, "schedule,holiday_on,label\nberlin,2026-10-03,German Unity Day\n")
    small.write(ASSIGNMENTS, "column_name,label,schedule\nteam,Berlin desk,berlin\nchannel,phone,new_york\n")
    small.replace("dbt_project.yml", "  reopen_days: 7", "  reopen_days: 7\n  business_schedule: berlin")
    assert small.findings() == []
    return small


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "nearest"),
    [
        (HOLIDAYS, "berlin,", "Berln,", 2, "berlin"),
        (ASSIGNMENTS, "phone,new_york", "phone,new york", 3, "new_york"),
        ("dbt_project.yml", "business_schedule: berlin", "business_schedule: newyork", 6, "new_york"),
    ],
)
def test_a_schedule_without_opening_hours_is_answered_with_the_nearest(scheduled, file, old, new, line, nearest):
    scheduled.replace(file, old, new)
    finding = scheduled.only_finding("schedules_have_opening_hours")
    assert (finding.file, finding.line, finding.nearest) == (file, line, nearest)


def test_a_listed_label_makes_no_schedule(scheduled):
    scheduled.write(LABELS, "column_name,label\nteam,london\nschedule,Berlin2\n")
    finding = scheduled.only_finding("schedules_have_opening_hours")
    assert (finding.file, finding.line, finding.nearest) == (LABELS, 3, "berlin")


def test_a_label_in_another_spelling_is_assigned_twice(scheduled):
    scheduled.replace(ASSIGNMENTS, "channel,phone", "team,BERLIN-DESK,new_york\nchannel,phone")
    finding = scheduled.only_finding("schedules_are_assigned_once")
    assert (finding.file, finding.line) == (ASSIGNMENTS, 3)
    assert "line 2" in finding.sentence


def test_an_assignment_by_another_column_is_read_by_nobody(scheduled):
    scheduled.replace(ASSIGNMENTS, "channel,phone", "chanel,phone")
    finding = scheduled.only_finding("schedules_are_assigned_once")
    assert (finding.line, finding.nearest) == (3, "channel")


def test_no_build_begins_with_such_schedules():
    assert {schedules_have_opening_hours, schedules_are_assigned_once} <= set(BUILD_CHECKS)
