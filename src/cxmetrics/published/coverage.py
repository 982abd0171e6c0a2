"""Which tables of the sources have ended, and what that means for the metrics that they tell of."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxmetrics.definitions.periods import day_name
from cxmetrics.engines.sql import Sql, sql

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.engines.interface import Connection

NAMES_SHOWN = 4


@dataclass(frozen=True)
class EndedTable:
    """A table that stopped on ``ends_on``; ``others`` are the sources whose table of the same name goes on."""

    source: str
    table: str
    ends_on: datetime.date
    is_replaced: bool
    others: tuple[str, ...]


def read_ended(connection: Connection, source_coverage: Sql) -> list[EndedTable]:
    """The tables that have ended, by source and name, from the relation ``source_coverage``."""
    query = sql(
        "select source, table_name, ends_on, has_ended, is_replaced from {relation} order by source, table_name",
        relation=source_coverage,
    )
    rows = connection.execute(query).fetchall()
    return [
        EndedTable(source, table, ends_on, is_replaced, tuple(row[0] for row in rows if row[1] == table and not row[3]))
        for source, table, ends_on, has_ended, is_replaced in rows
        if has_ended
    ]


def ended_sentences(ended: Iterable[EndedTable], metrics: Iterable[Metric]) -> list[str]:
    """What people should know of each: since when it tells nothing, and what becomes of which metrics."""
    metrics = list(metrics)
    return [_sentence(table, [metric.name for metric in metrics if _reads(metric, table.table)]) for table in ended]


def _reads(metric: Metric, table: str) -> bool:
    return any(table in need for need in metric.meta.told_by)


def _sentence(table: EndedTable, names: list[str]) -> str:
    told = f"{table.source} has no {table.table} after {day_name(table.ends_on)}"
    if table.is_replaced:
        return f"{told}; other sources took over from it (replaced_sources)"
    shown = ", ".join(names[:NAMES_SHOWN]) + (f" and {len(names) - NAMES_SHOWN} more" * (len(names) > NAMES_SHOWN))
    if not names:
        return told
    if table.others:
        return f"{told}, {', '.join(table.others)} still has some: later periods are partial in {shown}"
    correct = "delivered_until in dbt_project.yml corrects a wrong end"
    return f"{told}: later periods have no data or are partial in {shown}; {correct}"
