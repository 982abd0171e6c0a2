"""What is asked of metrics."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cxmetrics.definitions.periods import first_day, last_day
from cxmetrics.measure.filters import names_in

if TYPE_CHECKING:
    from cxmetrics.definitions.calendar import Calendar


@dataclass(frozen=True)
class Question:
    """What is asked of metrics: a grain (None: all time at once), dimensions, filters and an inclusive range."""

    grain: str | None = None
    by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    since: datetime.date | None = None
    until: datetime.date | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell the rows of one metric apart."""
        return (*(("period_start",) if self.grain else ()), *self.by)

    @property
    def filtered(self) -> tuple[str, ...]:
        """The names of dimensions and entities that the filters speak of."""
        return tuple(name for text in self.where for name in names_in(text))

    def widened(self, calendar: Calendar) -> Question:
        """The same question over whole periods: no period is shown with a part of its days."""
        if self.grain is None:
            return self
        since = self.since and first_day(self.since, self.grain, calendar)
        until = self.until and last_day(self.until, self.grain, calendar)
        return replace(self, since=since, until=until)
