"""Where a build runs. One small object per engine behind one interface, chosen once by ``engine_for``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxmetrics.errors import CxError

if TYPE_CHECKING:
    from cxmetrics.engines.duckdb import DuckDBEngine
    from cxmetrics.project import Project

TARGETS = ("duckdb",)


def engine_for(project: Project, target: str = "duckdb") -> DuckDBEngine:
    """The engine of a target of ``profiles.yml``. Raises CxError for a target that is not supported."""
    if target not in TARGETS:
        raise CxError("this target is not supported", file="profiles.yml", got=target, allowed=TARGETS)
    from cxmetrics.engines.duckdb import DuckDBEngine

    return DuckDBEngine(project)
