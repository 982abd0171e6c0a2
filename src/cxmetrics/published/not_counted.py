"""What came in and is in no metric: the one place that says it, with why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cxmetrics.engines.sql import Sql, sql

if TYPE_CHECKING:
    from cxmetrics.engines.interface import Connection

# What people read in the place of a reason.
REASONS = {
    "unknown_touchpoint": "unknown touchpoint: in no stage",
    "nps_on_another_scale": "NPS on another scale than 0 to 10, or 1 to 10 about the relationship: in no metric",
    "ticket_of_no_customer": "asked by nobody who subscribed or ordered: in no rate of customers",
    "closed_without_solution": "closed and never solved: not resolved, and not open",
    "contact_without_reason": "contact without a reason: in no cause stage",
    "unknown_contact_reason": "contact of unknown cause: in no cause stage",
    "unknown_score_name": "score of an unknown name: in no metric",
    "answered_again": "answered again: the last answer in time counts",
    "may_be_a_trial": "short and free: counted as a churn or a renewal, unless term_kind says trial",
    "may_be_a_pause": "left and came back: counted as a churn, unless a term of term_kind pause lies between",
    "may_be_a_change_of_plan": "another price in the middle of a month: counted as a renewal, unless change_of says so",
}


@dataclass(frozen=True)
class NotCounted:
    """One row of ``metrics.not_counted``."""

    source: str
    table_name: str
    reason: str
    row_count: int
    values_pooled: int
    example: str | None
    nearest_name: str | None

    @property
    def why(self) -> str:
        """The reason in words."""
        return REASONS.get(self.reason, self.reason)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def read_not_counted(connection: Connection, relation: Sql | str) -> list[NotCounted]:
    """Everything that was not counted, the most rows first."""
    query = sql(
        "select source, table_name, reason, row_count, values_pooled, example, nearest_name from {relation}"
        " order by row_count desc, source, table_name, reason, example",
        relation=relation,
    )
    return [NotCounted(*row) for row in connection.execute(query).fetchall()]
