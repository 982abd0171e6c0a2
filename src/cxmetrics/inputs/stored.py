"""Raw tables that are in the warehouse already: found in a schema, compared with the declaration, copied by SQL.

A warehouse has types of its own, so nothing is guessed from text here: a column is taken when its type can be stored in
the declared one without loss, and refused by name when not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cxmetrics.engines.interface import Loading, StoredTable
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.inputs.declaration import FILE, ROW, UNCASTABLE, RawColumn, RawSource, RawTable
from cxmetrics.inputs.files import compared
from cxmetrics.inputs.ids import has_lost_digits, whole
from cxmetrics.inputs.privacy import guarded
from cxmetrics.inputs.reading import blanks, is_trimmed

INTEGERS = {"tinyint", "utinyint", "smallint", "usmallint", "integer", "uinteger", "bigint"}
TEXTS = {"varchar", "character varying", "text", "character", "char", "name"}

# Declared type -> types of a warehouse, as it calls them, that are stored in it.
STORABLE = {
    "string": TEXTS | INTEGERS | {"uuid"},
    "bigint": INTEGERS,
    "integer": INTEGERS - {"uinteger", "bigint"},
    "double": INTEGERS | {"real", "float", "double", "double precision", "numeric", "decimal"},
    "boolean": {"boolean"},
    "date": {"date"},
    "timestamp": {
        "timestamp", "timestamp without time zone", "timestamp with time zone", "timestamp_s", "timestamp_ms", "date",
    },
}  # fmt: skip
WITH_ZONE = "timestamp with time zone"


@dataclass(frozen=True)
class RawSchema:
    """The schema of the warehouse that holds a source's tables under their declared names."""

    name: str


@dataclass(frozen=True)
class TableRows:
    """A declared table and the stored one its rows come from, if there is one."""

    table: RawTable
    name: str
    stored: StoredTable | None
    drift: tuple[str, ...]

    @property
    def doubts(self) -> tuple[str, ...]:
        """A stored value has a type, and no other meaning."""
        return ()

    @property
    def parts(self) -> int:
        """1, or 0 when there is no such table."""
        return int(self.stored is not None)

    @property
    def bad_lines(self) -> int:
        """A table has no lines."""
        return 0


def find_tables(source: RawSource, schema: RawSchema, tables: Mapping[str, StoredTable]) -> list[TableRows]:
    """The stored table of every declared one.

    Raises CxError when the schema is the one rows are loaded into, has none of the tables or not a required one, when
    a required column is missing and when a column's type cannot be stored.
    """
    declared = [table.name for table in source.tables]
    if schema.name == source.schema:
        raise CxError(
            "rows are loaded into this schema and cannot be read from it",
            got=schema.name,
            next_step=f"keep the tables of {source.name} in another schema",
        )
    if not any(name in tables for name in declared):
        raise CxError(
            f"no table of source {source.name} is in the schema {schema.name}",
            got=", ".join(tables) or "no table",
            allowed=declared,
            next_step="name the schema that holds them with --raw-schema NAME",
        )
    for table in source.tables:
        if table.is_required and table.name not in tables:
            problem = f"the required table {table.name} of source {source.name} is not in the schema {schema.name}"
            raise CxError(problem, got=", ".join(tables), allowed=declared)
    return [_table_rows(table, f"{schema.name}.{table.name}", tables.get(table.name)) for table in source.tables]


def _table_rows(table: RawTable, name: str, stored: StoredTable | None) -> TableRows:
    if stored is None:
        return TableRows(table, name, None, ())
    drift = compared(table, list(stored.columns), name=name, location=name, kind="table")
    for column in table.columns:
        if column.name in stored.columns and _kind(stored, column) not in STORABLE[column.data_type]:
            raise CxError(
                f"the column {column.name} of {name} cannot be stored as {column.data_type}",
                got=stored.columns[column.name],
                allowed=sorted(STORABLE[column.data_type]),
                next_step="cast it in a view, and name the schema of the view with --raw-schema",
            )
    return TableRows(table, name, stored, tuple(drift))


def select_stored(rows: TableRows, stored: StoredTable, loading: Loading, types: Mapping[str, str]) -> Sql:
    """A select of the declared columns plus ``_cx_file``, ``_cx_row`` and ``_cx_uncastable``, in the order of ``types``
    (the types to store them in, by name). A table has no order, so of rows with one key any may be the last."""
    values = {column.name: _value(column, rows.table, stored, loading) for column in rows.table.columns}
    values |= {FILE: loading.literal(rows.name), ROW: Sql("row_number() over ()")}
    values[UNCASTABLE] = _unreadable(rows, stored, loading)
    columns = [sql("cast({value} as {type})", value=value, type=types[name]) for name, value in values.items()]
    return sql("select {columns} from {relation}", columns=joined(columns), relation=stored.relation)


def _value(column: RawColumn, table: RawTable, stored: StoredTable, loading: Loading) -> Sql:
    """What the stored column means: blank text and declared null values are null, as in files; UTC has no zone."""
    if column.name not in stored.columns or column.personal == "drop":
        return Sql("null")
    name = loading.identifier(column.name)
    kind = _kind(stored, column)
    if kind == WITH_ZONE:
        return sql("({name} at time zone 'UTC')", name=name)
    if kind in TEXTS:
        nulls = joined(loading.literal(value) for value in blanks(column, table))
        bare = sql("trim({name})", name=name)
        text = bare if is_trimmed(column) else name
        name = sql("case when {bare} not in ({nulls}) then {text} end", bare=bare, nulls=nulls, text=text)
    if column.data_type != "string":
        return name
    given = sql("cast({name} as varchar)", name=name)
    if not column.is_id:
        return guarded(column, given, loading)
    kept = guarded(column, whole(given, loading), loading)
    return sql("case when not {lost} then {kept} end", lost=has_lost_digits(given, loading), kept=kept)


def _unreadable(rows: TableRows, stored: StoredTable, loading: Loading) -> Sql:
    """``column: masked value`` of each id that has lost its digits, or null."""
    reasons = []
    for column in rows.table.columns:
        if column.is_id and column.personal != "drop" and stored.columns.get(column.name):
            given = sql("trim(cast({name} as varchar))", name=loading.identifier(column.name))
            reasons.append(
                sql(
                    "case when {lost} then {name} || {masked} end",
                    lost=has_lost_digits(given, loading),
                    name=loading.literal(f"{column.name}: "),
                    masked=loading.masked(given),
                )
            )
    return sql("nullif(concat_ws('; ', {reasons}), '')", reasons=joined(reasons)) if reasons else Sql("null")


def _kind(stored: StoredTable, column: RawColumn) -> str:
    """The type without length, precision and case."""
    return re.sub(r"\([^)]*\)", "", stored.columns[column.name]).lower().strip()
