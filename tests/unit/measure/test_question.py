import datetime

import pytest

from cxmetrics.definitions.calendar import Calendar
from cxmetrics.definitions.periods import ISO
from cxmetrics.measure.question import Question

DAY = datetime.date


def test_the_keys_are_the_period_and_the_dimensions():
    assert Question("month", ("channel", "team")).keys == ("period_start", "channel", "team")
    assert Question(by=("channel",)).keys == ("channel",)


def test_filters_are_known_by_the_names_they_speak_of():
    question = Question(where=("channel = 'email' and team is null", "agent = 'A1'"))
    assert question.filtered == ("channel", "team", "agent")


@pytest.mark.parametrize(
    ("grain", "since", "until"),
    [
        ("week", DAY(2026, 2, 9), DAY(2026, 3, 1)),
        ("quarter", DAY(2026, 1, 1), DAY(2026, 3, 31)),
        (None, DAY(2026, 2, 10), DAY(2026, 2, 25)),
    ],
)
def test_a_range_is_widened_to_whole_periods(grain: str | None, since: DAY, until: DAY):
    widened = Question(grain, since=DAY(2026, 2, 10), until=DAY(2026, 2, 25)).widened(ISO)
    assert (widened.since, widened.until) == (since, until)


def test_a_range_that_is_open_stays_open():
    assert Question("month", since=DAY(2026, 2, 10)).widened(ISO) == Question("month", since=DAY(2026, 2, 1))


def test_weeks_of_a_range_are_those_of_the_firm():
    """From a Monday to a Sunday, where weeks begin on Sunday: six days more at either end."""
    widened = Question("week", since=DAY(2025, 3, 3), until=DAY(2025, 3, 9)).widened(Calendar(week_starts_on="sunday"))
    assert (widened.since, widened.until) == (DAY(2025, 3, 2), DAY(2025, 3, 15))
