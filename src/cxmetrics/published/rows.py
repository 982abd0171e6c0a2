"""Rows of an answer by column name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxmetrics.engines.interface import Connection

Row = dict[str, Any]


def rows(connection: Connection, query: str) -> list[Row]:
    """The answer to a query, each row with its columns as keys."""
    answer = connection.execute(query)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
