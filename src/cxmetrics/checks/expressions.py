"""Which columns a SQL expression reads, as DuckDB's parser sees it."""

from __future__ import annotations

import json
import re
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


def top_level_operator(expression: str) -> str | None:
    """The ``and``, ``or`` or ``not`` that an expression as a whole is; None when it is something else.

    DuckDB's parser forgets parentheses, sqlglot keeps them.
    """
    if not re.search(r"\b(and|or|not)\b", expression, re.IGNORECASE):
        return None
    import sqlglot
    from sqlglot import expressions as sql

    try:
        tree = sqlglot.parse_one(expression, dialect="duckdb")
    except sqlglot.errors.ParseError:
        return None  # The finding of another check.
    if isinstance(tree, sql.Not) and isinstance(tree.this, sql.Is):
        return None
    named = ((sql.And, "and"), (sql.Or, "or"), (sql.Not, "not"))
    return next((name for kind, name in named if isinstance(tree, kind)), None)


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
