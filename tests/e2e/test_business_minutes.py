"""Business minutes over the whole way, from raw files to fct_tickets, against days counted by hand or by zoneinfo."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from cxmetrics.engines.sql import joined, sql
from support.workplace import ROOT, Workplace, copy_project

BERLIN = ZoneInfo("Europe/Berlin")
LONG_OPEN_FROM, LONG_OPEN_TO = datetime(2024, 9, 2, 6, 0), datetime(2026, 3, 16, 7, 30)

# ticket, created, first reply (UTC); support is open from 08:00 to 18:00 in Berlin, Monday to Friday.
TICKETS = [
    ("one_hour", datetime(2026, 1, 12, 9, 0), datetime(2026, 1, 12, 10, 0)),
    ("over_a_weekend", datetime(2026, 1, 9, 16, 0), datetime(2026, 1, 12, 8, 0)),
    ("into_summer_time", datetime(2026, 3, 27, 16, 0), datetime(2026, 3, 30, 7, 0)),
    ("into_winter_time", datetime(2025, 10, 24, 15, 0), datetime(2025, 10, 27, 8, 0)),
    ("over_a_holiday", datetime(2025, 4, 30, 15, 0), datetime(2025, 5, 2, 7, 0)),
    ("at_night", datetime(2026, 1, 12, 20, 0), datetime(2026, 1, 13, 3, 0)),
    ("open_for_80_weeks", LONG_OPEN_FROM, LONG_OPEN_TO),
]


# An id that is a word is stored as a hash.
IDS = {ticket: f"T{number}" for number, (ticket, *_) in enumerate(TICKETS)}


def write_raw(folder: Path) -> Path:
    """Canonical CSV files of the tickets above."""
    raw = folder / "raw"
    raw.mkdir()
    with (raw / "tickets.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["ticket_id", "customer_id", "created_at", "channel", "status"])
        rows.writerows([IDS[ticket], "c1", created.isoformat(), "email", "open"] for ticket, created, _ in TICKETS)
    with (raw / "ticket_events.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["event_id", "ticket_id", "occurred_at", "event_type", "actor_type"])
        rows.writerows(
            [f"E{IDS[ticket]}", IDS[ticket], replied.isoformat(), "public_reply", "agent"]
            for ticket, _, replied in TICKETS
        )
    return raw


def clocks(folder: Path) -> dict[str, tuple[float, float]]:
    """Business and calendar minutes to the first reply, by ticket."""
    with duckdb.connect(str(folder / "warehouse" / "build" / "cx.duckdb"), read_only=True) as connection:
        rows = connection.execute("""
            select ticket_id, first_reply_business_minutes, first_reply_calendar_minutes from service.fct_tickets
        """).fetchall()
    minutes = {ticket.removeprefix("canonical:"): clock for ticket, *clock in rows}
    return {ticket: tuple(minutes[known]) for ticket, known in IDS.items()}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    workplace = Workplace(tmp_path_factory.mktemp("business_minutes"))
    workplace.cx_succeeds("inputs", "--raw", write_raw(workplace.folder))
    return workplace


@pytest.fixture(scope="module")
def clocks_with(loaded: Workplace) -> Callable[[str], dict[str, tuple[float, float]]]:
    def run(schedule: str) -> dict[str, tuple[float, float]]:
        variables = json.dumps({"business_schedule": schedule})
        selected = ("--select", "+fct_tickets", "--indirect-selection", "cautious")
        done = loaded.run("dbt", "build", *selected, "--vars", variables)
        assert done.returncode == 0, done.stdout
        return clocks(loaded.folder)

    return run


def minutes_by_zoneinfo(start: datetime, end: datetime) -> float:
    """Open minutes between two UTC moments, by walking the local days."""
    with (ROOT / "seeds" / "holidays.csv").open() as file:
        holidays = {date.fromisoformat(row["holiday_on"]) for row in csv.DictReader(file)}
    minutes = 0.0
    day = start.date() - timedelta(days=1)
    while day <= end.date() + timedelta(days=1):
        if day.isoweekday() <= 5 and day not in holidays:
            opens = datetime.combine(day, time(8), BERLIN).astimezone(UTC).replace(tzinfo=None)
            closes = datetime.combine(day, time(18), BERLIN).astimezone(UTC).replace(tzinfo=None)
            minutes += max((min(end, closes) - max(start, opens)).total_seconds() / 60, 0)
        day += timedelta(days=1)
    return minutes


def test_business_minutes_follow_the_wall_clock_and_the_calendar(clocks_with):
    business = {ticket: minutes[0] for ticket, minutes in clocks_with("support").items()}
    by_hand = {
        "one_hour": 60,
        "over_a_weekend": 120,
        "into_summer_time": 120,
        "into_winter_time": 120,
        "over_a_holiday": 120,
        "at_night": 0,
    }
    assert {ticket: business[ticket] for ticket in by_hand} == by_hand
    assert business["open_for_80_weeks"] == minutes_by_zoneinfo(LONG_OPEN_FROM, LONG_OPEN_TO)
    # 80 weeks of five days of ten hours, less the holidays of the seed, and half an hour.
    assert 200_000 < business["open_for_80_weeks"] < 240_030


def test_business_minutes_equal_calendar_minutes_when_support_never_closes(clocks_with):
    minutes = clocks_with("always")
    assert len(minutes) == len(TICKETS)
    assert all(business == calendar for business, calendar in minutes.values())
    assert minutes["open_for_80_weeks"][1] == (LONG_OPEN_TO - LONG_OPEN_FROM).total_seconds() / 60


# Two desks, nine to five from Monday to Friday, each by its own clocks. In 2025 these change on 9 March and 2 November
# in New York, on 30 March and 26 October in Berlin.
DESKS = {"berlin": "Europe/Berlin", "new_york": "America/New_York"}
HOURS = [f"{desk},{zone},{weekday},09:00,17:00" for desk, zone in DESKS.items() for weekday in range(1, 6)]
# From, to (UTC), and the minutes that are open in between in Berlin and in New York.
SPANS = [
    # New York on summer time: Berlin Fri 16-17, Mon 9-15; New York Fri 10-17, Mon 9-10.
    (datetime(2025, 3, 7, 15, 0), datetime(2025, 3, 10, 14, 0), 60 + 360, 420 + 60),
    # Berlin on summer time: Berlin Fri 16-17, Mon 9-16; New York Fri 11-17, Mon 9-10.
    (datetime(2025, 3, 28, 15, 0), datetime(2025, 3, 31, 14, 0), 60 + 420, 360 + 60),
    # Berlin on winter time: Berlin Fri 16:30-17, Mon 9-15; New York Fri 10:30-17, Mon 9-10.
    (datetime(2025, 10, 24, 14, 30), datetime(2025, 10, 27, 14, 0), 30 + 360, 390 + 60),
    # New York on winter time: Berlin Fri 16-17, Mon 9-15:30; New York Fri 11-17, Mon 9-9:30.
    (datetime(2025, 10, 31, 15, 0), datetime(2025, 11, 3, 14, 30), 60 + 390, 360 + 30),
    # Thanksgiving is a holiday in New York alone: Berlin Thu 9-17, Fri 9-16; New York Wed 15-17, Fri 9-10.
    (datetime(2025, 11, 26, 20, 0), datetime(2025, 11, 28, 15, 0), 480 + 420, 120 + 60),
]
CLOCKS = [
    "first_reply", "first_resolution", "resolution", "requester_wait", "response",
    "reply_wait", "first_resolution_wait", "resolution_wait",
]  # fmt: skip


def test_every_ticket_is_counted_on_its_own_schedule(tmp_path: Path):
    root, raw = tmp_path / "project", tmp_path / "raw"
    copy_project(root)
    raw.mkdir()
    seeds = {
        "business_hours": ["schedule,time_zone,weekday,opens_at,closes_at", *HOURS, "support,UTC,1,00:00,24:00"],
        "holidays": ["schedule,holiday_on,label", "new_york,2025-11-27,Thanksgiving"],
        "schedule_assignments": ["column_name,label,schedule", "team,Berlin Desk,berlin", "channel,phone,new_york"],
    }
    for seed, lines in seeds.items():
        (root / "seeds" / f"{seed}.csv").write_text("\n".join(lines) + "\n")
    tickets = ["ticket_id,customer_id,created_at,channel,status,team,schedule"]
    events = ["event_id,ticket_id,occurred_at,event_type,actor_type,from_value,to_value"]
    expected: dict[str, tuple[str, float]] = {}
    # By the team, by the channel, by the ticket itself against its team, and by neither.
    ways = {"A": "email,open,Berlin Desk,", "B": "phone,open,,", "C": "email,open,Berlin Desk,New York"}
    for number, (start, end, berlin, new_york) in enumerate(SPANS):
        counted = {"A": ("berlin", berlin), "B": ("new_york", new_york), "C": ("new_york", new_york)}
        for way, given in ways.items():
            ticket = f"{way}{number}"
            expected[ticket] = counted[way]
            tickets.append(f"{ticket},C{number},{start.isoformat()},{given.replace('open', 'solved', 1)}")
            events.append(f"E{ticket},{ticket},{end.isoformat()},public_reply,agent,,")
            events.append(f"F{ticket},{ticket},{end.isoformat()},status_changed,agent,new,solved")
    tickets.append("D1,C9,2025-03-07T15:00:00,email,solved,,")
    events.append("ED1,D1,2025-03-10T14:00:00,public_reply,agent,,")
    events.append("FD1,D1,2025-03-10T14:00:00,status_changed,agent,new,solved")
    expected["D1"] = ("support", 14 * 60)
    (raw / "tickets.csv").write_text("\n".join(tickets) + "\n")
    (raw / "ticket_events.csv").write_text("\n".join(events) + "\n")

    workplace = Workplace(tmp_path)
    done = workplace.cx("inputs", "--raw", raw, root=root)
    assert done.returncode == 0, done.stdout + done.stderr
    selected = ("--select", "+fct_tickets", "+business_schedules", "--indirect-selection", "cautious")
    done = workplace.run("dbt", "build", *selected, root=root)
    assert done.returncode == 0, done.stdout
    columns = joined(sql("{clock}_business_minutes", clock=clock) for clock in CLOCKS)
    with duckdb.connect(str(tmp_path / "warehouse" / "build" / "cx.duckdb"), read_only=True) as connection:
        question = sql("select ticket_id, schedule, {columns} from service.fct_tickets", columns=columns)
        rows = connection.execute(question).fetchall()
        used = connection.execute(
            "select schedule, tickets, is_without_later_holidays from metrics.business_schedules order by 1"
        ).fetchall()
    found = {ticket.removeprefix("canonical:"): (schedule, *minutes) for ticket, schedule, *minutes in rows}
    assert found == {ticket: (schedule, *[minutes] * len(CLOCKS)) for ticket, (schedule, minutes) in expected.items()}
    # The data end a day after the last holiday of New York; Berlin has none.
    assert used == [("berlin", 5, False), ("new_york", 10, True), ("support", 1, False)]
