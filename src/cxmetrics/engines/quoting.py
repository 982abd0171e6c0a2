"""Names and text constants in standard SQL, as DuckDB and PostgreSQL take them."""

from __future__ import annotations


def identifier(name: str) -> str:
    """``name`` quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def relation(schema: str, table: str) -> str:
    """``schema.table`` quoted for SQL."""
    return f"{identifier(schema)}.{identifier(table)}"


def literal(text: str) -> str:
    """``text`` as a string constant for SQL."""
    return "'" + text.replace("'", "''") + "'"
