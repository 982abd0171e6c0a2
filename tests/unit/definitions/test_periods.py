import datetime

import pytest

from cxmetrics.definitions.periods import day_name, first_day, is_settled, last_day, period_name

DAY = datetime.date


@pytest.mark.parametrize(
    ("grain", "first", "last"),
    [
        ("day", DAY(2028, 2, 29), DAY(2028, 2, 29)),
        ("week", DAY(2028, 2, 28), DAY(2028, 3, 5)),
        ("month", DAY(2028, 2, 1), DAY(2028, 2, 29)),
        ("quarter", DAY(2028, 1, 1), DAY(2028, 3, 31)),
        ("year", DAY(2028, 1, 1), DAY(2028, 12, 31)),
    ],
)
def test_a_day_lies_in_the_period_the_database_says(grain: str, first: DAY, last: DAY):
    assert (first_day(DAY(2028, 2, 29), grain), last_day(DAY(2028, 2, 29), grain)) == (first, last)


def test_every_day_of_four_years_lies_in_its_period():
    for offset in range(4 * 366):
        day = DAY(2024, 1, 1) + datetime.timedelta(days=offset)
        for grain in ("week", "month", "quarter", "year"):
            first, last = first_day(day, grain), last_day(day, grain)
            assert first <= day <= last
            assert first_day(last, grain) == first
            assert first_day(last + datetime.timedelta(days=1), grain) == last + datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("grain", "maturity_days", "last_moment"),
    [
        ("day", 0, "2026-01-05 23:59:59"),
        ("week", 0, "2026-01-11 23:59:59"),
        ("month", 0, "2026-01-31 23:59:59"),
        ("month", 7, "2026-02-07 23:59:59"),
        ("quarter", 0, "2026-03-31 23:59:59"),
        ("year", 30, "2027-01-30 23:59:59"),
    ],
)
def test_a_period_is_settled_from_the_last_moment_of_its_maturity_window_on(
    grain: str, maturity_days: int, last_moment: str
):
    start, moment = first_day(DAY(2026, 1, 5), grain), datetime.datetime.fromisoformat(last_moment)
    assert is_settled(start, grain, maturity_days, moment)
    assert not is_settled(start, grain, maturity_days, moment - datetime.timedelta(seconds=1))


def test_all_time_is_settled_at_any_moment():
    assert is_settled(DAY(2026, 1, 5), "all", 90, datetime.datetime(2026, 1, 5))


@pytest.mark.parametrize(
    ("grain", "name", "short"),
    [
        ("day", "2 November 2026", "2 Nov 2026"),
        ("week", "week of 2 November 2026", "week of 2 Nov 2026"),
        ("month", "November 2026", "Nov 2026"),
        ("quarter", "Q4 2026", "Q4 2026"),
        ("year", "2026", "2026"),
        ("all", "all time", "all time"),
    ],
)
def test_a_period_has_one_name_and_a_short_one(grain: str, name: str, short: str):
    start = DAY(2026, 11, 2)
    assert (period_name(start, grain), period_name(start, grain, is_short=True)) == (name, short)
    assert day_name(start) == "2 November 2026"
