"""The one row of ``metrics.build_info``: what the published numbers rest on."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxmetrics.definitions.calendar import TIME_ZONE, WEEK_START, Calendar
from cxmetrics.definitions.periods import ISO
from cxmetrics.engines.sql import sql
from cxmetrics.errors import CxError
from cxmetrics.published.schema import BUILD_INFO

if TYPE_CHECKING:
    from cxmetrics.engines.interface import Connection

SEPARATOR = ", "


@dataclass(frozen=True)
class BuildInfo:
    """The moment a build describes (UTC), the sources it read, whether any of its inputs is synthetic, the version of
    cxmetrics that made it, and the calendar of its periods."""

    as_of: datetime.datetime
    sources: tuple[str, ...]
    is_synthetic: bool
    version: str
    calendar: Calendar = ISO

    @property
    def as_of_day(self) -> datetime.date:
        """The day of the calendar that the build describes the end of, or a part."""
        return self.calendar.date_of(self.as_of)

    @property
    def source_names(self) -> str:
        """The sources as they are published: in one text."""
        return SEPARATOR.join(self.sources)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "as_of": self.as_of.isoformat(sep=" "),
            "sources": self.source_names,
            "is_synthetic": self.is_synthetic,
            "version": self.version,
            TIME_ZONE: self.calendar.time_zone,
            WEEK_START: self.calendar.week_starts_on,
        }


def read_build_info(connection: Connection, relation: str = BUILD_INFO.name) -> BuildInfo:
    """What the build in ``relation`` rests on. Raises CxError when the table has no row."""
    answer = connection.execute(sql("select * from {relation}", relation=relation))
    row = answer.fetchone()
    if row is None:
        raise CxError("the build does not say what it was made from", next_step="cx build")
    told = {column[0]: value for column, value in zip(answer.description or (), row, strict=True)}
    names = (name.strip() for name in (told["sources"] or "").split(","))
    return BuildInfo(
        told["as_of"],
        tuple(name for name in names if name),
        bool(told["is_synthetic"]),
        told["version"],
        # A publication that does not say so is older than the choice.
        Calendar.of(told),
    )
