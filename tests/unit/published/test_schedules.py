"""A number in business time names its schedule."""

from __future__ import annotations

import datetime

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.published.schedules import Schedule, counts_business_time, late_holidays, read_schedules, schedule_words
from support.facts import built

BERLIN = Schedule("berlin", "Europe/Berlin", 3, datetime.date(2026, 10, 3), True)
ALWAYS = Schedule("always", "UTC", 1, None, False)


def test_schedules_are_read_from_what_is_published_most_tickets_first(cx_project: Project, tmp_path):
    engine = built(cx_project, tmp_path / "warehouse")
    with engine.building() as connection:
        connection.execute(
            "insert into metrics.business_schedules values ('always', 'UTC', 1, null, false),"
            " ('berlin', 'Europe/Berlin', 3, date '2026-10-03', true)"
        )
    engine.published_file.write_bytes(engine.build_file.read_bytes())
    assert read_schedules(engine) == [BERLIN, ALWAYS]


def test_a_publication_of_before_names_none(cx_project: Project, tmp_path):
    engine = built(cx_project, tmp_path / "warehouse")
    with engine.building() as connection:
        connection.execute("drop table metrics.business_schedules")
    engine.published_file.write_bytes(engine.build_file.read_bytes())
    assert read_schedules(engine) == []


def test_one_schedule_and_several_are_worded():
    assert schedule_words([]) == ""
    assert schedule_words([BERLIN]) == "Business minutes are counted on the schedule berlin (Europe/Berlin)."
    assert schedule_words([BERLIN, ALWAYS]) == (
        "Business minutes are counted on the schedules berlin (Europe/Berlin), always (UTC); each ticket on its own."
    )


def test_the_last_holiday_is_said_where_it_is_too_early():
    (sentence,) = late_holidays([BERLIN, ALWAYS])
    assert "berlin" in sentence and "2026-10-03" in sentence


@pytest.mark.parametrize(
    ("metric", "is_counted"),
    [
        ("first_response_time", True),
        ("first_response_time_calendar", False),
        ("first_response_time_p90", True),
        ("resolution_time", True),
        ("average_resolution_time", True),
        ("average_response_time", True),
        ("requester_wait_time", True),
        ("reopen_rate", False),
        ("average_speed_of_answer", False),
    ],
)
def test_metrics_of_business_minutes_are_known_by_what_they_read(cx_project: Project, metric: str, is_counted: bool):
    assert counts_business_time(cx_project.metrics()[metric], cx_project.blocks()) is is_counted
