"""Windows that variables hold, in days."""

from __future__ import annotations

import datetime

import pytest

from cxmetrics.definitions.windows import days_of
from cxmetrics.errors import CxError

VARIABLES = {
    "repeat_contact_days": 7,
    "self_service_hours": 24,
    "longer_hours": 25,
    "repeat_purchase_months": 12,
    "february_months": 1,
    "season_months": 3,
    "term_months": 50,
    "discount_rate": 0.1,
    "lapse_days": "180",
    "late_days": -1,
    "sure_days": True,
}


@pytest.mark.parametrize(
    ("window", "days"),
    [
        ("repeat_contact_days", 7),
        ("self_service_hours", 1),
        ("longer_hours", 2),
        ("repeat_purchase_months", 366),
        ("february_months", 31),
        ("season_months", 92),
        ("repeat_contact_days + self_service_hours + 3", 11),
        ("14", 14),
    ],
)
def test_a_window_is_given_in_days(window: str, days: int):
    assert days_of(window, VARIABLES) == days


@pytest.mark.parametrize("months", range(1, 60))
def test_so_many_months_never_have_more_days(months: int):
    def first(month: int) -> datetime.date:
        return datetime.date(2001 + month // 12, month % 12 + 1, 1)

    lengths = [(first(start + months) - first(start)).days for start in range(48)]
    assert days_of("some_months", {"some_months": months}) == max(lengths)


@pytest.mark.parametrize(
    ("window", "words", "got"),
    [
        ("repeat_contact_day", "no such window", "repeat_contact_day"),
        ("discount_rate", "no such window", "discount_rate"),
        ("lapse_days", "not a whole number", "180"),
        ("late_days", "not a whole number", -1),
        ("sure_days", "not a whole number", True),
        ("repeat_contact_days - 1", "a number of days, a variable", "repeat_contact_days - 1"),
        ("{{ var('x') }}", "a number of days, a variable", "{{ var('x') }}"),
        ("", "a number of days, a variable", ""),
    ],
)
def test_a_window_that_cannot_be_read_is_refused(window: str, words: str, got: object):
    with pytest.raises(CxError, match=words) as refused:
        days_of(window, VARIABLES)
    assert refused.value.got == got


def test_an_unknown_variable_is_answered_with_the_nearest():
    with pytest.raises(CxError) as refused:
        days_of("repeat_contact_day", VARIABLES)
    assert refused.value.nearest == "repeat_contact_days"
