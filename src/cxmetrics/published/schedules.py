"""The schedules on which business minutes are counted: a number in business time is no number without them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxmetrics.engines.sql import sql
from cxmetrics.published.rows import rows
from cxmetrics.published.schema import BUSINESS_SCHEDULES

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.models import Block
    from cxmetrics.engines.interface import Connection, Engine

# Every clock has its unit in its name.
BUSINESS_TIME = "_business_minutes"


@dataclass(frozen=True)
class Schedule:
    """A schedule that tickets are counted on; ``last_holiday_on`` is None without holidays."""

    name: str
    time_zone: str
    tickets: int
    last_holiday_on: datetime.date | None
    is_without_later_holidays: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"schedule": self.name, "time_zone": self.time_zone, "tickets": self.tickets}


def read_schedules(engine: Engine) -> list[Schedule]:
    """Those of what is published, most tickets first; none where it was built before there were several."""
    try:
        with engine.published() as connection:
            return schedules_of(connection)
    except engine.failure:
        return []


def schedules_of(connection: Connection, relation: str = BUSINESS_SCHEDULES) -> list[Schedule]:
    """Those in ``relation``, most tickets first."""
    query = sql(
        "select schedule, time_zone, tickets, last_holiday_on, is_without_later_holidays from {relation}"
        " order by tickets desc, schedule",
        relation=relation,
    )
    return [
        Schedule(
            row["schedule"],
            row["time_zone"],
            row["tickets"],
            row["last_holiday_on"],
            bool(row["is_without_later_holidays"]),
        )
        for row in rows(connection, query)
    ]


def counts_business_time(metric: Metric, blocks: Mapping[str, Block]) -> bool:
    """Whether a metric is made of business minutes."""
    read = [blocks[name] for name in metric.blocks if name in blocks]
    return any(BUSINESS_TIME in (block.expr or block.name) for block in read)


def schedule_words(schedules: Sequence[Schedule]) -> str:
    """The schedules in a sentence, each with its time zone; empty when there is none."""
    if not schedules:
        return ""
    names = ", ".join(f"{schedule.name} ({schedule.time_zone})" for schedule in schedules)
    if len(schedules) == 1:
        return f"Business minutes are counted on the schedule {names}."
    return f"Business minutes are counted on the schedules {names}; each ticket on its own."


def late_holidays(schedules: Iterable[Schedule]) -> list[str]:
    """A sentence about each schedule whose holidays end before the data do."""
    return [
        f"the last holiday of the schedule {schedule.name} in seeds/holidays.csv is {schedule.last_holiday_on}, before"
        " the data end: later holidays count as working days"
        for schedule in schedules
        if schedule.is_without_later_holidays
    ]
