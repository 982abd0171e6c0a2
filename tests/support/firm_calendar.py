"""Tickets on both sides of local midnight, counted by hand, in a firm in New York whose weeks begin on Sunday.

Clocks went forward on 9 March 2025, a day of 23 hours, and back on 2 November, one of 25. Midnight is 05:00 UTC in
winter, 04:00 in summer.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.workplace import Workplace, copy_project

METRICS = ("ticket_volume", "open_tickets", "resolution_time", "monthly_customer_churn_rate")
# The end of 30 November in New York, where it is not yet over at the end of the day in UTC.
AS_OF = "2025-11-30"

# ticket, created, solved (UTC), the local date of both.
TICKETS = [
    ("T1", "2025-02-01 04:59:59", "2025-02-01 05:00:00", "2025-01-31", "2025-02-01"),
    ("T2", "2025-02-01 05:00:00", "2025-07-01 03:59:59", "2025-02-01", "2025-06-30"),
    ("T3", "2025-03-09 04:59:59", "2025-11-03 04:59:59", "2025-03-08", "2025-11-02"),
    ("T4", "2025-03-09 05:00:00", None, "2025-03-09", None),
    ("T5", "2025-03-10 03:59:59", "2025-03-10 04:00:00", "2025-03-09", "2025-03-10"),
    ("T6", "2025-03-10 04:00:00", None, "2025-03-10", None),
    ("T7", "2025-07-01 03:59:59", "2025-07-01 04:00:00", "2025-06-30", "2025-07-01"),
    ("T8", "2025-07-01 04:00:00", "2025-11-02 03:59:59", "2025-07-01", "2025-11-01"),
    ("T9", "2025-11-02 03:59:59", None, "2025-11-01", None),
    ("T10", "2025-11-02 04:00:00", None, "2025-11-02", None),
    ("T11", "2025-11-03 04:59:59", "2025-11-03 05:00:00", "2025-11-02", "2025-11-03"),
    ("T12", "2025-11-03 05:00:00", None, "2025-11-03", None),
]
# One left in the last second of June, one in the second second of July.
SUBSCRIPTIONS = [("S1", "C1", "2025-07-01 03:59:59"), ("S2", "C2", "2025-07-01 04:00:01"), ("S3", "C3", None)]

# By month and day of the year 2025; no other day or week has a new ticket.
CREATED = {
    "day": {
        "01-31": 1, "02-01": 1, "03-08": 1, "03-09": 2, "03-10": 1,
        "06-30": 1, "07-01": 1, "11-01": 1, "11-02": 2, "11-03": 1,
    },
    "week": {"01-26": 2, "03-02": 1, "03-09": 3, "06-29": 2, "10-26": 1, "11-02": 3},
    "month": {"01-01": 1, "02-01": 1, "03-01": 4, "04-01": 0, "06-01": 1, "07-01": 1, "10-01": 0, "11-01": 4},
    "year": {"01-01": 12},
}  # fmt: skip
OPEN = {
    "day": {
        "01-31": 1, "02-01": 1, "03-08": 2, "03-09": 4, "03-10": 4,
        "06-30": 4, "07-01": 4, "11-01": 4, "11-02": 5, "11-03": 5,
    },
    "week": {"01-26": 1, "03-02": 2, "03-09": 4, "06-29": 4, "10-26": 4, "11-02": 5},
    "month": {"01-01": 1, "02-01": 1, "03-01": 4, "06-01": 4, "07-01": 4, "10-01": 4, "11-01": 5},
    "year": {"01-01": 5},
}  # fmt: skip
BACKLOG = {
    "01-01": "T1",
    "02-01": "T2",
    "03-01": "T2 T3 T4 T6",
    "06-01": "T3 T4 T6 T7",
    "07-01": "T3 T4 T6 T8",
    "11-01": "T4 T6 T9 T10 T12",
}
CHURN = {"06-01": (1 / 3, 3), "07-01": (1 / 2, 2), "10-01": (0, 1)}

Query = Callable[[str], list[tuple[Any, ...]]]


def build(place: Workplace, *target: str) -> Workplace:
    """Build the tickets above in an empty workplace."""
    write_project(place.folder / "project")
    raw = write_raw(place.folder / "raw")
    done = place.cx("build", *target, "--raw", raw, "--as-of", AS_OF, root=place.folder / "project")
    assert done.returncode == 0, done.stdout + done.stderr
    return place


def write_project(root: Path) -> None:
    """A project of few metrics with this calendar."""
    copy_project(root)
    for folder in ("metrics", "tests/metrics"):
        for file in (root / folder).rglob("*.*"):
            if file.stem not in METRICS:
                file.unlink()
    settings = root / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    for usual, own in (
        ("reporting_timezone: UTC", "reporting_timezone: America/New_York"),
        ("week_starts_on: monday", "week_starts_on: sunday"),
    ):
        assert text.count(usual) == 1
        text = text.replace(usual, own)
    settings.write_text(text, encoding="utf-8")


def write_raw(folder: Path) -> Path:
    """The files of the tickets and subscriptions above."""
    folder.mkdir()
    tickets = [(ticket, f"C{ticket[1:]}", created, "email", "solved" if solved else "open")
               for ticket, created, solved, *_ in TICKETS]  # fmt: skip
    _write(folder / "tickets.csv", "ticket_id,customer_id,created_at,channel,status", tickets)
    # A ticket of which no event tells a state is not in the backlog.
    changes = [(f"E{ticket[1:]}", ticket, created, "status_changed", "agent", "new", "open")
               for ticket, created, *_ in TICKETS]  # fmt: skip
    changes += [(f"S{ticket[1:]}", ticket, solved, "status_changed", "agent", "open", "solved")
                for ticket, _, solved, *_ in TICKETS if solved]  # fmt: skip
    header = "event_id,ticket_id,occurred_at,event_type,actor_type,from_value,to_value"
    _write(folder / "ticket_events.csv", header, changes)
    _write(
        folder / "subscriptions.csv", "subscription_id,customer_id,started_at,ended_at,monthly_amount",
        [(term, customer, "2024-01-01 00:00:00", ended, 10) for term, customer, ended in SUBSCRIPTIONS],
    )  # fmt: skip
    return folder


def _write(file: Path, header: str, rows: list[tuple[Any, ...]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows([header.split(","), *rows])


def published_numbers_are_those_counted_by_hand(query: Query) -> None:
    """Facts, months, backlog and metric values as published."""
    dates = {ticket: (created, solved) for ticket, _, _, created, solved in TICKETS}
    rows = query("select ticket_id, created_at, created_on, first_solved_on from service.fct_tickets")
    assert {row[0].split(":")[1]: (str(row[2]), row[3] and str(row[3])) for row in rows} == dates
    times = {row[0].split(":")[1]: row[1].isoformat(sep=" ") for row in rows}
    assert times == {ticket: created for ticket, created, *_ in TICKETS}

    rows = query("select month_on, ticket_id, age_days from service.fct_backlog")
    backlog = {month: {row[1].split(":")[1] for row in rows if str(row[0]) == f"2025-{month}"} for month in BACKLOG}
    assert backlog == {month: set(tickets.split()) for month, tickets in BACKLOG.items()}, backlog
    # From the first hour of a day of 23 hours to the end of the month.
    (age,) = (row[2] for row in rows if row[1].endswith("T4") and str(row[0]) == "2025-03-01")
    assert abs(age - (22 + 23 / 24)) < 1e-9

    assert _values(query, "ticket_volume", "value", CREATED) == CREATED
    assert _values(query, "open_tickets", "value", OPEN) == OPEN
    cohorts = {grain: {period: n for period, n in counted.items() if n} for grain, counted in CREATED.items()}
    assert _values(query, "resolution_time", "n", cohorts) == cohorts
    churn = {period: n for period, (_, n) in CHURN.items()}
    assert _values(query, "monthly_customer_churn_rate", "n", {"month": churn}) == {"month": churn}
    shares = _values(query, "monthly_customer_churn_rate", "value", {"month": churn})["month"]
    assert all(abs(shares[period] - share) < 1e-9 for period, (share, _) in CHURN.items())

    assert query("select reporting_timezone, week_starts_on, as_of from metrics.build_info") == [
        ("America/New_York", "sunday", datetime.datetime(2025, 12, 1, 4, 59, 59, 999999))
    ]
    # The first day has an hour of data, but is not cut; the first month and week are. November is over, its last week
    # not.
    statuses = {
        ("day", "2025-01-31"): "ok",
        ("week", "2025-01-26"): "partial",
        ("week", "2025-11-23"): "ok",
        ("week", "2025-11-30"): "immature",
        ("month", "2025-01-01"): "partial",
        ("month", "2025-02-01"): "ok",
        ("month", "2025-11-01"): "ok",
        ("year", "2025-01-01"): "immature",
    }
    rows = query("select grain, period_start, status from metrics.metric_values where metric = 'ticket_volume'")
    found = {(grain, str(start)): status for grain, start, status in rows}
    assert {key: found[key] for key in statuses} == statuses


def _values(query: Query, metric: str, column: str, asked: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Grain -> month and day of 2025 -> the column, for the periods that are asked for."""
    rows = query(
        f"select grain, period_start, {column} from metrics.metric_values"  # noqa: S608 (names of this module)
        f" where metric = '{metric}' and dimension = 'all' and grain <> 'all'"
    )
    found = {(grain, str(start)): value for grain, start, value in rows}
    if column == "value" and metric == "ticket_volume":
        other = [
            value
            for (grain, start), value in found.items()
            if grain in ("day", "week") and start[5:] not in asked[grain]
        ]
        assert set(other) == {0}
    return {grain: {period: found[grain, f"2025-{period}"] for period in periods} for grain, periods in asked.items()}
