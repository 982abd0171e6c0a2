"""What is checked without being named: references, their order in time, and times that cannot be."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from cxmetrics.inputs.run import load_inputs
from support.raw_inputs import HEADER, REJECTED, Inputs, declare_events


def test_a_row_that_refers_to_nothing_is_rejected(shop: Inputs):
    declare_events(shop)
    shop.give("tickets.csv", HEADER + "t1,2024-01-01 10:00,open,1\n")
    shop.give("events.csv", "ticket_id,at\nt1,2024-01-02\nt2,2024-01-02\n,2024-01-02\n")
    shop.load()
    assert shop.query(REJECTED) == [("events", "2", "not_in_tickets", "ticket_id")]


def test_a_table_that_was_not_given_is_unknown_and_nothing_is_missing_in_it(shop: Inputs):
    declare_events(shop)
    shop.give("events.csv", "ticket_id,at\nt2,2024-01-02\n")
    assert shop.table("events").rejected == 0
    shop.give("tickets.csv", HEADER)
    assert shop.table("events").rejected == 1


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        ("2024-01-01 10:00:00", None),
        ("2024-01-01 09:59:59", "clock_skew"),
        ("2024-01-01 09:59:00", "clock_skew"),
        ("2024-01-01 09:58:59", "before_created_at_of_tickets"),
    ],
)
def test_up_to_the_tolerated_seconds_an_earlier_time_is_clock_skew(shop: Inputs, at: str, rule: str | None):
    declare_events(shop)
    shop.give("tickets.csv", HEADER + "t1,2024-01-01 10:00,open,1\n")
    shop.give("events.csv", f"ticket_id,at\nt1,{at}\n")
    table = shop.table("events")
    assert table.rejected == (rule == "before_created_at_of_tickets")
    assert ("clock_skew" in "".join(table.warnings)) == (rule == "clock_skew")
    failed = shop.query("select rule, unexpected_rows from quarantine.validation_results where not is_success")
    assert failed == ([] if rule is None else [(rule, 1)])


@pytest.mark.parametrize(
    ("moment", "rule"),
    [
        (datetime.now(UTC) + timedelta(hours=23), None),
        (datetime.now(UTC) + timedelta(hours=25), "in_the_future"),
        (datetime(1980, 1, 1), None),
        (datetime(1979, 12, 31, 23, 59, 59), "before_1980"),
    ],
)
def test_what_has_happened_is_neither_in_the_future_nor_before_1980(shop: Inputs, moment: datetime, rule: str | None):
    declare_events(shop, happened="created_at")
    good = "t1,2024-01-01,open,1\nt2,2024-01-01,open,1\n"
    shop.give("tickets.csv", HEADER + good + f"t3,{moment:%Y-%m-%d %H:%M:%S},open,1\n")
    shop.load()
    assert shop.query(REJECTED) == ([("tickets", "3", rule, "created_at")] if rule else [])


def test_no_file_says_that_the_future_has_begun(shop: Inputs):
    declare_events(shop, happened="created_at")
    path = shop.give("tickets.csv", HEADER + "t1,2099-06-30,open,1\n")
    made = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest = {"synthetic": True, "as_of": "2099-06-30T23:59:59", "files": {path.name: made}}
    shop.give("demo.json", json.dumps(manifest))
    result = shop.load()
    assert result.is_synthetic
    assert (result.tables[0].rejected, result.tables[0].top_rule) == (1, "in_the_future of created_at")


def test_the_moment_a_build_is_told_to_describe_is_no_future(shop: Inputs):
    declare_events(shop, happened="created_at")
    shop.give("tickets.csv", HEADER + "t1,2099-06-30,open,1\nt2,2099-07-30,open,1\n")
    result = load_inputs(shop.project, shop.engine, ["shop"], shop.raw, as_of=datetime(2099, 6, 30, 23, 59))
    assert (result.tables[0].raw, result.tables[0].rejected) == (2, 1)
    # A moment that is over moves nothing.
    assert load_inputs(shop.project, shop.engine, ["shop"], shop.raw, as_of=datetime(2020, 1, 1)).run_id > "2026"
    assert shop.query(REJECTED) == [("tickets", row, "in_the_future", "created_at") for row in ("1", "2")]


def test_what_is_dated_without_a_time_of_day_is_not_before_something_on_that_day(shop: Inputs):
    declare_events(shop)
    shop.give("tickets.csv", HEADER + "t1,2024-03-05 09:00,open,1\n")
    shop.give("events.csv", "ticket_id,at\nt1,2024-03-05\nt1,2024-03-04\nt1,2024-03-05 08:00\n")
    assert shop.table("events").rejected == 2
    assert shop.query("select file_row from quarantine.rejected_rows order by 1") == [(2,), (3,)]
