import datetime
import itertools

import pytest

from cxmetrics.definitions.calendar import WEEKDAYS, Calendar
from cxmetrics.definitions.periods import PERIOD_GRAINS, first_day, is_settled, last_day
from cxmetrics.errors import CxError
from support.copied_project import SmallProject, small

__all__ = ["small"]

DAY, MOMENT = datetime.date, datetime.datetime
NEW_YORK = Calendar("America/New_York", "sunday")


@pytest.mark.parametrize("weekday", WEEKDAYS)
def test_a_week_begins_on_its_day_and_has_seven(weekday: str):
    calendar = Calendar(week_starts_on=weekday)
    for day in (DAY(2025, 12, 20) + datetime.timedelta(days=i) for i in range(30)):
        first, last = first_day(day, "week", calendar), last_day(day, "week", calendar)
        assert first.strftime("%A").lower() == weekday
        assert first <= day <= last == first + datetime.timedelta(days=6)
        for grain in PERIOD_GRAINS:
            if grain != "week":
                assert first_day(day, grain, calendar) == first_day(day, grain)


@pytest.mark.parametrize(
    ("zone", "day", "starts_at"),
    [
        ("UTC", DAY(2025, 3, 9), MOMENT(2025, 3, 9)),
        ("America/New_York", DAY(2025, 3, 9), MOMENT(2025, 3, 9, 5)),
        ("America/New_York", DAY(2025, 3, 10), MOMENT(2025, 3, 10, 4)),
        ("America/New_York", DAY(2025, 11, 2), MOMENT(2025, 11, 2, 4)),
        ("America/New_York", DAY(2025, 11, 3), MOMENT(2025, 11, 3, 5)),
        ("Asia/Kolkata", DAY(2025, 2, 1), MOMENT(2025, 1, 31, 18, 30)),
        # Clocks go back from one to midnight: the day begins with the first of the two.
        ("Atlantic/Azores", DAY(2025, 10, 26), MOMENT(2025, 10, 26, 0)),
        # Clocks go forward from midnight to one: there is no midnight.
        ("Africa/Cairo", DAY(2025, 4, 25), MOMENT(2025, 4, 24, 22)),
    ],
)
def test_a_day_begins_at_its_first_moment(zone: str, day: DAY, starts_at: MOMENT):
    assert Calendar(zone).starts_at(day) == starts_at


def test_days_of_a_change_of_clocks_have_23_and_25_hours():
    def hours(day: DAY) -> float:
        following = day + datetime.timedelta(days=1)
        return (NEW_YORK.starts_at(following) - NEW_YORK.starts_at(day)).total_seconds() / 3600

    assert [hours(DAY(2025, 3, day)) for day in (8, 9, 10)] == [24, 23, 24]
    assert [hours(DAY(2025, 11, day)) for day in (1, 2, 3)] == [24, 25, 24]


def test_a_period_is_settled_from_local_midnight_on():
    for maturity_days, moment in itertools.product(
        (0, 7), (MOMENT(2025, 2, 1, 4, 59, 59), MOMENT(2025, 2, 1, 4, 59, 58))
    ):
        as_of = moment + datetime.timedelta(days=maturity_days)
        assert is_settled(DAY(2025, 1, 1), "month", maturity_days, as_of, NEW_YORK) == (moment.second == 59)
    assert not is_settled(DAY(2025, 1, 1), "month", 0, MOMENT(2025, 1, 31, 23, 59, 59), NEW_YORK)
    # The last week of March from Sunday ends a day before the one from Monday.
    assert is_settled(DAY(2025, 3, 23), "week", 0, MOMENT(2025, 3, 30, 3, 59, 59), NEW_YORK)


@pytest.mark.parametrize(
    ("variable", "got", "nearest"),
    [
        ("reporting_timezone", "Europe/Berln", "Europe/Berlin"),
        ("reporting_timezone", "america/new_york", "America/New_York"),
        ("week_starts_on", "Sunday", "sunday"),
    ],
)
def test_an_unknown_zone_or_weekday_is_named_with_the_nearest(
    small: SmallProject, variable: str, got: str, nearest: str
):
    with pytest.raises(CxError) as refused:
        Calendar.of({variable: got})
    assert (refused.value.got, refused.value.nearest) == (got, nearest)
    line = small.replace("dbt_project.yml", "  reopen_days: 7", f"  {variable}: {got}\n  reopen_days: 7")
    (finding,) = small.findings("definitions_can_be_read")
    assert (finding.file, finding.line, finding.got) == ("dbt_project.yml", line, got)
    assert variable in finding.sentence


@pytest.mark.parametrize("wrong", [5, None, ["UTC"], True])
def test_what_is_no_name_is_refused(wrong: object):
    with pytest.raises(CxError):
        Calendar.of({"reporting_timezone": wrong})
    with pytest.raises(CxError):
        Calendar.of({"week_starts_on": wrong})


def test_without_variables_days_are_utc_and_weeks_begin_on_monday():
    assert Calendar.of({}) == Calendar("UTC", "monday")
