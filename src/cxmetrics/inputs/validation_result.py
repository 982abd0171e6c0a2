"""What a run of the inputs found: per table and source, for people, for ``--json`` and for the exit code."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from cxmetrics.engines.quoting import literal
from cxmetrics.engines.sql import sql
from cxmetrics.errors import InputsBlocked


@dataclass(frozen=True)
class TableResult:
    """One table. ``top_rule`` is the rule that rejected most rows; ``blocked`` says why the build must stop. In the
    place of a superseded row, a later one with the same key is used."""

    source: str
    table: str
    files: int
    raw: int
    rejected: int
    rules: tuple[tuple[str, int], ...]
    drift: tuple[str, ...]
    warnings: tuple[str, ...]
    blocked: str | None
    superseded: int = 0

    @property
    def accepted(self) -> int:
        return self.raw - self.rejected - self.superseded

    @property
    def top_rule(self) -> str | None:
        return self.rules[0][0] if self.rules else None


@dataclass(frozen=True)
class ValidationResult:
    """One run over all its sources. ``seconds`` is wall time by phase, ``notes`` are sentences about no table."""

    run_id: str
    sources: tuple[str, ...]
    is_synthetic: bool
    tables: tuple[TableResult, ...]
    database: str
    seconds: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def blocked(self) -> tuple[TableResult, ...]:
        return tuple(table for table in self.tables if table.blocked)

    def raise_if_blocked(self) -> None:
        """Raise InputsBlocked when a table is over its limit or failed an expectation of severity block."""
        if not self.blocked:
            return
        reasons = "; ".join(f"{table.source}.{table.table}: {table.blocked}" for table in self.blocked)
        first = self.blocked[0]
        query = sql(
            "select * from quarantine.rejected_rows where source_name = {source} and table_name = {table}",
            source=literal(first.source),
            table=literal(first.table),
        )
        raise InputsBlocked(
            f"inputs are blocked, nothing was built: {reasons}",
            file=self.database,
            next_step=f"{query}; correct the files, then run the command again"
            " (a limit is max_rejected_share in the source's .yml)",
        )

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "run_id": self.run_id,
            "sources": list(self.sources),
            "is_synthetic": self.is_synthetic,
            "is_blocked": bool(self.blocked),
            "database": self.database,
            "tables": [
                {**asdict(table), "accepted": table.accepted, "rules": dict(table.rules)} for table in self.tables
            ],
            "notes": list(self.notes),
            "seconds": self.seconds,
        }


def blocked_reason(rejected: int, raw: int, limit: float, rules: tuple[tuple[str, int], ...]) -> str | None:
    """Why a table is over its limit of rejected rows, or None."""
    if raw == 0 or rejected / raw <= limit:
        return None
    top = ", ".join(f"{rule} ({rows:,})" for rule, rows in rules[:3])
    return f"{rejected:,} of {raw:,} rows rejected, the limit is {limit:.1%}; most by {top}"
