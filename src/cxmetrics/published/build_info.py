"""The one row of ``metrics.build_info``: what the published numbers rest on."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxmetrics.engines.sql import sql
from cxmetrics.errors import CxError
from cxmetrics.published.schema import BUILD_INFO

if TYPE_CHECKING:
    from cxmetrics.engines.interface import Connection

SEPARATOR = ", "


@dataclass(frozen=True)
class BuildInfo:
    """The moment a build describes (UTC), the sources it read, whether any of its inputs is synthetic, and the version
    of cxmetrics that made it."""

    as_of: datetime.datetime
    sources: tuple[str, ...]
    is_synthetic: bool
    version: str

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
        }


def read_build_info(connection: Connection, relation: str = BUILD_INFO.name) -> BuildInfo:
    """What the build in ``relation`` rests on. Raises CxError when the table has no row."""
    query = sql("select as_of, sources, is_synthetic, version from {relation}", relation=relation)
    row = connection.execute(query).fetchone()
    if row is None:
        raise CxError("the build does not say what it was made from", next_step="cx build")
    as_of, sources, is_synthetic, version = row
    names = (name.strip() for name in (sources or "").split(","))
    return BuildInfo(as_of, tuple(name for name in names if name), bool(is_synthetic), version)
