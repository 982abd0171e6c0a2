"""The calendar of the firm: whose midnight begins a day, and which day begins a week."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from cxmetrics.errors import CxError

TIME_ZONE = "reporting_timezone"
WEEK_START = "week_starts_on"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UTC = "UTC"


@dataclass(frozen=True)
class Calendar:
    """Days of a time zone of the IANA database, in weeks that begin on one of ``WEEKDAYS``."""

    time_zone: str = UTC
    week_starts_on: str = WEEKDAYS[0]

    @classmethod
    def of(cls, variables: Mapping[str, Any]) -> Calendar:
        """What the variables of ``dbt_project.yml`` say. Raises CxError, with the variable in ``got``, for a time zone
        or a weekday that there is not."""
        zone, weekday = variables.get(TIME_ZONE, UTC), variables.get(WEEK_START, WEEKDAYS[0])
        if zone not in time_zones():
            raise CxError(
                f"the variable {TIME_ZONE} is no name of the IANA time zone database", got=zone, allowed=time_zones()
            )
        if weekday not in WEEKDAYS:
            raise CxError(f"the variable {WEEK_START} is no day of the week", got=weekday, allowed=WEEKDAYS)
        return cls(zone, weekday)

    @property
    def days_to_monday(self) -> int:
        """How many days after the first day of a week comes a Monday, with which weeks begin for every database."""
        return -WEEKDAYS.index(self.week_starts_on) % 7

    def first_day_of_week(self, day: datetime.date) -> datetime.date:
        """The first day of the week that ``day`` lies in."""
        return day - datetime.timedelta(days=(day.weekday() + self.days_to_monday) % 7)

    def date_of(self, moment: datetime.datetime) -> datetime.date:
        """The date that a moment (UTC) has."""
        return moment.replace(tzinfo=datetime.UTC).astimezone(_zone(self.time_zone)).date()

    def starts_at(self, day: datetime.date) -> datetime.datetime:
        """The first moment of a day (UTC). Where clocks are put back over midnight, the first of the two midnights."""
        midnight = datetime.datetime.combine(day, datetime.time(), _zone(self.time_zone))
        return midnight.astimezone(datetime.UTC).replace(tzinfo=None)


@cache
def time_zones() -> tuple[str, ...]:
    """The names of the IANA time zone database that dbt knows."""
    import pytz

    return tuple(pytz.all_timezones)


@cache
def _zone(name: str) -> ZoneInfo:
    """From the database that comes with dbt: a slim machine may have none of its own."""
    import pytz

    with pytz.open_resource(name) as file:
        return ZoneInfo.from_file(file, name)
