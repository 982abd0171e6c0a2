"""Whether two engines hold the same rows: the same multiset, whatever the order they come in.

Keys, counts, dates and timestamps must be equal, floats to 1e-9 of their size. DuckDB's published file is one side, any
engine that has published the same inputs the other.
"""

from __future__ import annotations

import datetime
import decimal
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import duckdb

from cxmetrics.engines.quoting import relation as quoted
from cxmetrics.engines.sql import Sql, joined, sql

TOLERANCE = 1e-9

Row = Sequence[Any]


def differences(table: str, columns: Sequence[str], left: Iterable[Row], right: Iterable[Row]) -> list[str]:
    """What differs between two sets of rows with these columns, in sentences; empty when they are the same."""
    left, right = list(map(tuple, left)), list(map(tuple, right))
    if len(left) != len(right):
        return [f"{table} has {len(left):,} rows on one side and {len(right):,} on the other"]
    ours, theirs = _without(left, right), _without(right, left)
    for one, other in zip(_ordered(ours), _ordered(theirs), strict=True):
        for column, a, b in zip(columns, one, other, strict=True):
            if not _same(a, b):
                return [f"{table}.{column} is {a!r} on one side and {b!r} on the other, in {one!r}"]
    return []


def compare_with(
    published: duckdb.DuckDBPyConnection, other: Any, relation: Any, only: Mapping[str, Sql] = MappingProxyType({})
) -> tuple[int, list[str]]:
    """Compare every table DuckDB published with what ``other`` has (a connection whose ``execute`` gives rows).

    ``relation(schema, table)`` quotes a name for it; ``only`` holds conditions on the rows of some tables. Returns the
    number of rows compared and what differs.
    """
    tables = published.execute("select schema_name || '.' || table_name from duckdb_tables() order by all").fetchall()
    compared = [compare_table(name, published, other, relation, only.get(name, Sql("1 = 1"))) for (name,) in tables]
    return sum(rows for rows, _ in compared), [sentence for _, found in compared for sentence in found]


def compare_table(
    name: str, published: duckdb.DuckDBPyConnection, other: Any, relation: Any, where: Sql
) -> tuple[int, list[str]]:
    """The same for the rows of one table that fulfil a condition."""
    schema, table = name.split(".")
    described = published.execute(sql("select * from {table} where {where}", table=quoted(schema, table), where=where))
    columns = [column[0] for column in described.description]
    ours = described.fetchall()
    # Names that no engine needs quoted.
    names, there = joined(columns), relation(schema, table)
    theirs = other.execute(sql("select {names} from {there} where {where}", names=names, there=there, where=where))
    return len(ours), differences(name, columns, ours, theirs.fetchall())


def _without(rows: list[Row], others: list[Row]) -> list[Row]:
    """The rows that ``others`` does not hold, or not as often, to the last bit and type."""
    there = Counter(map(repr, others))
    left = []
    for row in rows:
        key = repr(row)
        if there[key]:
            there[key] -= 1
        else:
            left.append(row)
    return left


def _ordered(rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """Rows by everything that must be equal, then by their floats, which may differ in the last digits."""
    plain = [tuple(_plain(value) for value in row) for row in rows]
    return sorted(plain, key=lambda row: (tuple(map(_exactly, row)), tuple(map(_roughly, row))))


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, decimal.Decimal) else value


def _exactly(value: Any) -> str:
    return "float" if isinstance(value, float) else repr(value)


def _roughly(value: Any) -> float:
    return value if isinstance(value, float) else 0.0


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE * 1e-3)
    if isinstance(one, datetime.datetime) is not isinstance(other, datetime.datetime):
        return False
    return one == other and type(one) is type(other)
