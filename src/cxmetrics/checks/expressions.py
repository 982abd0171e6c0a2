"""Which columns a SQL expression reads, as DuckDB's parser sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from cxmetrics.engines.quoting import literal


@dataclass(frozen=True)
class Expression:
    """The columns an expression reads, in order of appearance; or why it cannot be parsed."""

    columns: tuple[str, ...]
    error: str | None = None


def parse(expressions: list[str]) -> list[Expression]:
    """Parse SQL expressions, without running them."""
    with duckdb.connect() as connection:
        return [_parse(connection, expression) for expression in expressions]


def _parse(connection: duckdb.DuckDBPyConnection, expression: str) -> Expression:
    # The parentheses keep "a from x" from being taken for an expression. A literal and not a parameter: to bind one,
    # DuckDB imports pandas, which takes ten times as long as everything here.
    statement = literal(f"select ({expression}\n)")
    ((answer,),) = connection.execute(f"select json_serialize_sql({statement})").fetchall()
    tree = json.loads(answer)
    if tree["error"]:
        return Expression((), tree["error_message"])
    return Expression(tuple(dict.fromkeys(_columns(tree["statements"]))))


def _columns(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("class") == "COLUMN_REF":
            yield ".".join(node["column_names"])
        for value in node.values():
            yield from _columns(value)
    elif isinstance(node, list):
        for value in node:
            yield from _columns(value)
