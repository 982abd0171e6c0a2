"""Periods: which day begins one, when one is over, and what it is called."""

from __future__ import annotations

import datetime

from cxmetrics.definitions.calendar import Calendar

# Lengths of periods, shortest first. All time, the grain ``all``, has no length.
PERIOD_GRAINS = ("day", "week", "month", "quarter", "year")
# Days in UTC, weeks from Monday.
ISO = Calendar()
# A period that ends within this tolerance of the as-of date is over: an as-of date is the last moment of a day.
TOLERANCE = datetime.timedelta(seconds=1)
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def first_day(day: datetime.date, grain: str, calendar: Calendar = ISO) -> datetime.date:
    """The first day of the period ``day`` lies in."""
    if grain == "week":
        return calendar.first_day_of_week(day)
    if grain == "day":
        return day
    month = {"month": day.month, "quarter": day.month - (day.month - 1) % 3, "year": 1}[grain]
    return day.replace(month=month, day=1)


def last_day(day: datetime.date, grain: str, calendar: Calendar = ISO) -> datetime.date:
    """The last day of the period ``day`` lies in."""
    # The longest period of each kind, in days: so many days after its first one, the next period has begun.
    longest = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[grain]
    first = first_day(day, grain, calendar)
    following = first_day(first + datetime.timedelta(days=longest), grain, calendar)
    return following - datetime.timedelta(days=1)


def is_settled(
    start: datetime.date, grain: str, maturity_days: int, as_of: datetime.datetime, calendar: Calendar = ISO
) -> bool:
    """Whether the period that begins on ``start``, and the maturity window after it, ended before ``as_of`` (UTC).

    All time always is. ``measure.judgement`` says the same in SQL, and a test that both agree.
    """
    if grain not in PERIOD_GRAINS:
        return True
    ends_at = calendar.starts_at(last_day(start, grain, calendar) + datetime.timedelta(days=1))
    return ends_at + datetime.timedelta(days=maturity_days) <= as_of + TOLERANCE


def day_name(date: datetime.date, *, is_short: bool = False) -> str:
    """``21 November 2026``, or ``21 Nov 2026``."""
    return f"{date.day} {_month(date, is_short)} {date.year}"


def period_name(start: datetime.date, grain: str, *, is_short: bool = False) -> str:
    """A period in words: ``November 2026``, ``week of 2 November 2026``, ``Q4 2026``, ``2026``, ``all time``.

    The short form abbreviates months: ``Nov 2026``, ``week of 2 Nov 2026``.
    """
    names = {
        "day": day_name(start, is_short=is_short),
        "week": f"week of {day_name(start, is_short=is_short)}",
        "month": f"{_month(start, is_short)} {start.year}",
        "quarter": f"Q{(start.month + 2) // 3} {start.year}",
        "year": str(start.year),
    }
    return names.get(grain, "all time")


def _month(date: datetime.date, is_short: bool) -> str:
    name = MONTHS[date.month - 1]
    return name[:3] if is_short else name
