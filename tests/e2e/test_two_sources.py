"""Two sources of which each has what the other lacks, in one raw folder: what only one tells of is unknown of the
other. ServiceNow tells of tickets alone, and stops in June."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from support.workplace import Workplace

JANUARY = datetime.datetime(2016, 1, 1, 12)
DAYS = [JANUARY + datetime.timedelta(days=day) for day in range(366)]
LAST_INCIDENT = datetime.datetime(2016, 6, 14, 12)
SUBSCRIBERS = 40


def write(folder: Path, name: str, rows: Iterable[dict[str, object]]) -> None:
    rows = list(rows)
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def raw(folder: Path) -> Path:
    folder.mkdir()
    # Every day one customer opens a ticket and another uses the app; now and then somebody looks at the help pages.
    write(folder, "tickets", (
        {"ticket_id": f"T{number}", "customer_id": f"C{number % SUBSCRIBERS}", "created_at": day, "channel": "email"}
        for number, day in enumerate(DAYS)
    ))  # fmt: skip
    write(folder, "touchpoint_events", (
        {"touchpoint_event_id": f"{kind}{number}", "customer_id": "C1", "occurred_at": day, "touchpoint": touchpoint,
         "channel": channel}
        for number, day in enumerate(DAYS)
        for kind, touchpoint, channel, every in (("A", "app_session", "app", 1), ("W", "help_center", "web", 30))
        if number % every == 0
    ))  # fmt: skip
    write(folder, "subscriptions", (
        {"subscription_id": f"S{number}", "customer_id": f"C{number}", "started_at": "2015-06-01", "ended_at": "",
         "monthly_amount": 10}
        for number in range(SUBSCRIBERS)
    ))  # fmt: skip
    # One caller, about one thing, by telephone and by e-mail in turn: every incident would be a change of channel.
    write(folder, "incident_event_log", (
        {"number": f"INC{number:07}", "incident_state": state, "active": "true", "reassignment_count": 0,
         "reopen_count": 0, "sys_mod_count": version, "caller_id": "Caller 1",
         "opened_at": f"{day:%d/%m/%Y %H:%M}", "sys_updated_at": f"{day:%d/%m/%Y %H:%M}",
         "contact_type": "Phone" if number % 2 else "Email", "category": "Category 1"}
        for number, day in enumerate(DAYS)
        if day <= LAST_INCIDENT
        for version, state in enumerate(("New", "Active"))
    ))  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def said(made_once) -> tuple[str, Path]:
    """What the build says, and what it published."""

    def make(folder: Path) -> None:
        names = ("--source", "canonical", "--source", "servicenow")
        text = Workplace(folder).cx_succeeds("build", *names, "--raw", raw(folder / "raw"), "--as-of", "2016-12-31")
        (folder / "said.txt").write_text(text, encoding="utf-8")

    folder = made_once("two_sources", make)
    return (folder / "said.txt").read_text(encoding="utf-8"), Workplace(folder).published


def rows(published: Path, metric: str, grain: str) -> dict[str, tuple[str, float | None, int]]:
    query = (
        "select period_start::varchar, status, value, n from metrics.metric_values"
        " where metric = ? and grain = ? and dimension = 'all' order by 1"
    )
    with duckdb.connect(str(published), read_only=True) as connection:
        return {row[0]: row[1:] for row in connection.execute(query, [metric, grain]).fetchall()}


def test_tickets_of_the_other_source_are_no_touchpoints(said: tuple[str, Path]):
    # Only the app's days follow one another within a week, all of them in one channel.
    assert rows(said[1], "channel_switch_rate", "all") == {"2016-01-01": ("ok", 0.0, len(DAYS) - 1)}


def test_months_in_which_a_source_of_earlier_tickets_is_silent_are_partial_and_the_build_says_which(
    said: tuple[str, Path],
):
    text, published = said
    volume = rows(published, "ticket_volume", "month")
    assert volume["2016-05-01"] == ("ok", 62.0, 62)
    assert volume["2016-06-01"] == ("partial", 44.0, 44)
    assert {volume[f"2016-{month:02}-01"][0] for month in range(6, 13)} == {"partial"}
    assert (
        "note: servicenow has no tickets after 14 June 2016, canonical still has some: later periods are partial"
        in text
    )


def test_a_customer_of_one_source_has_no_contacts_in_the_other(said: tuple[str, Path]):
    months = rows(said[1], "contact_rate", "month")
    assert months["2016-03-01"][1:] == (100 * 31 / SUBSCRIBERS, SUBSCRIBERS)


@pytest.mark.parametrize(
    "metric", ["customer_effort_index", "cost_per_ticket", "first_response_time", "self_service_resolution_rate",
               "time_to_value", "abandonment_rate", "proactive_touchpoint_share"]
)  # fmt: skip
def test_what_neither_source_tells_of_has_no_data(said: tuple[str, Path], metric: str):
    assert rows(said[1], metric, "all")["2016-01-01"] == ("no_data", None, 0)
