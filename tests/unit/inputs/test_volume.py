"""A newest day unlike its weekday."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from support.raw_inputs import HEADER, Inputs, declare_events


def days(counts: dict[str, int], at: str = "12:00") -> str:
    """Rows of tickets by day, all at one time of day."""
    numbered = (f"{day} {at}" for day, count in counts.items() for _ in range(count))
    return "".join(f"t{at}{number},{moment},open,1\n" for number, moment in enumerate(numbered))


def mondays(count: int) -> list[str]:
    return [f"{datetime(2024, 1, 1) + timedelta(weeks=week):%Y-%m-%d}" for week in range(count)]


@pytest.mark.parametrize(
    ("usual", "newest", "is_unusual"),
    [
        (100, 49, True),
        (100, 50, False),
        (100, 200, False),
        (100, 201, True),
        (40, 14, True),
        (40, 15, False),
        (2, 6, False),
    ],
)
def test_a_newest_day_unlike_its_weekday_is_a_warning(shop: Inputs, usual: int, newest: int, is_unusual: bool):
    # Less than half or more than twice as many, and more than four standard deviations of a count.
    declare_events(shop, happened="created_at")
    *before, last = mondays(9)
    shop.give("tickets.csv", HEADER + days(dict.fromkeys(before, usual) | {"2024-02-20": 3, last: newest}))
    table = shop.table("tickets")
    said = f"{newest} rows on Monday, {last}; up to that time of day it is usually {usual}"
    assert table.warnings == ((said,) if is_unusual else ())
    asked = "select severity, is_success from quarantine.validation_results where rule = 'newest_day_like_its_weekday'"
    assert shop.query(asked) == [("warn", not is_unusual)]


def test_a_day_that_is_not_over_is_compared_up_to_its_last_row(shop: Inputs):
    declare_events(shop, happened="created_at")
    *before, last = mondays(9)
    noon = days(dict.fromkeys(before, 100))
    shop.give("tickets.csv", HEADER + noon + days(dict.fromkeys([*before, last], 12), at="02:00"))
    assert shop.table("tickets").warnings == ()


def test_four_weeks_are_needed_to_know_what_is_usual(shop: Inputs):
    declare_events(shop, happened="created_at")
    for weeks, is_known in ((4, False), (5, True)):
        *before, last = mondays(weeks)
        shop.give("tickets.csv", HEADER + days(dict.fromkeys(before, 100) | {last: 1}))
        assert bool(shop.table("tickets").warnings) is is_known


def test_rejected_rows_are_no_day(shop: Inputs):
    declare_events(shop, happened="created_at")
    shop.give("tickets.csv", HEADER + days(dict.fromkeys(mondays(9), 100)) + "x,2024-03-04 23:00,lost,1\n")
    assert shop.table("tickets").warnings == ()
