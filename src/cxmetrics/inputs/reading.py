"""SQL that reads one raw file with the declared types.

DuckDB reads the files whatever the warehouse is, so a value is understood the same way on every engine; the engine only
stores what this select returns.

A value that cannot be cast becomes null, and its column and masked value are kept in ``_cx_uncastable``: the row is
rejected later with all other reasons, never dropped here. Timestamps with an offset become UTC, naive ones are UTC.
Personal data are hashed or dropped here, before anything is stored.
"""

from __future__ import annotations

from uuid import uuid4

from cxmetrics.engines.duckdb.loading import DuckDBLoading
from cxmetrics.engines.quoting import identifier, literal
from cxmetrics.inputs.declaration import FILE, ROW, UNCASTABLE, RawColumn, RawTable
from cxmetrics.inputs.files import RawFile
from cxmetrics.inputs.parquet_files import escaped
from cxmetrics.inputs.privacy import guarded, may_hold_any_sign
from cxmetrics.inputs.text_files import REPLACEMENT

PARQUET_INTEGERS = {
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
}
PARQUET_TIMESTAMPS = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"}

# Parquet types that are cast without a detour by text. Everything else is read as text, so that 1.7 is no integer.
DIRECT = {
    "bigint": PARQUET_INTEGERS,
    "integer": PARQUET_INTEGERS,
    "double": PARQUET_INTEGERS | {"FLOAT", "DOUBLE"},
    "boolean": {"BOOLEAN"},
    "date": {"DATE"},
    "timestamp": PARQUET_TIMESTAMPS,
}

# DuckDB's own casts also take 1_000, 0x10, 1.7 as an integer, nan, infinity and the word epoch.
WHOLE_NUMBER = r"[+-]?[0-9]+(\.0*)?"
NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
STARTS_WITH_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"
ONLY_A_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ]00:00(:00(\.0+)?)?)?"


def select_rows(table: RawTable, file: RawFile, first_row: int) -> str:
    """A select of the declared columns of one file plus ``_cx_file``, ``_cx_row`` and ``_cx_uncastable``.

    Rows are numbered from ``first_row`` in the order of the file.
    """
    positions = list(enumerate(table.columns))
    given = ", ".join(f"{_given(column, table, file)} as given_{index}" for index, column in positions)
    typed = ", ".join(f"{_typed(column, file, f'given_{index}')} as typed_{index}" for index, column in positions)
    columns = ", ".join(f"typed_{index} as {identifier(column.name)}" for index, column in positions)
    return f"""
        select {columns}, {literal(file.name)} as {FILE}, row_in_file + {first_row} as {ROW},
            {_uncastable(table)} as {UNCASTABLE}
        from (
            select *, {typed}
            from (select {_row_in_file(file)} as row_in_file, {given} from {_relation(file)}) as given_values
        ) as typed_values
    """  # noqa: S608


def _relation(file: RawFile) -> str:
    if file.is_parquet:
        return f"read_parquet({literal(escaped(file.path))}, binary_as_string = true, file_row_number = true)"
    if not file.scan.bad_lines:
        return file.text_relation("ignore_errors = false")
    # The lines that are no rows are known. The option of the scan, because ignore_errors skips a row more after some.
    name = f"cx_{uuid4().hex}"
    # Of a long value between quotes, a reader that begins in its middle would take the lines for rows.
    return file.text_relation(
        f"store_rejects = true, rejects_table = '{name}', rejects_scan = '{name}_scan', parallel = false"
    )


def _row_in_file(file: RawFile) -> str:
    # The CSV reader keeps the order of the lines, also when it reads in parallel (preserve_insertion_order).
    return "file_row_number" if file.is_parquet else "row_number() over () - 1"


def _given(column: RawColumn, table: RawTable, file: RawFile) -> str:
    """The value as the file has it: null when the column is absent, the text blank or a declared null value."""
    given = file.columns.get(column.name)
    if given is None or column.personal == "drop":
        return "null::varchar"
    name = file.reference(column.name)
    if given in DIRECT.get(column.data_type, ()):
        return name
    nulls = ", ".join(literal(value) for value in ("", *table.null_values))
    text = name if given == "VARCHAR" else f"{name}::varchar"
    return f"case when trim({text}) not in ({nulls}) then {text} end"


def _typed(column: RawColumn, file: RawFile, given: str) -> str:
    if file.columns.get(column.name) in DIRECT.get(column.data_type, ()) and column.personal != "drop":
        return _cast(column.data_type, given)
    if column.data_type == "string":
        stored = guarded(column, given, DuckDBLoading)
        if not may_hold_any_sign(column):
            return stored
        # PostgreSQL stores no NUL, and no text file that was read holds one.
        return f"replace({stored}, chr(0), '{REPLACEMENT}')"
    text = f"trim({given})"
    if column.data_type == "boolean":
        return (
            f"case when lower({text}) in ('true', '1', 'yes') then true"
            f" when lower({text}) in ('false', '0', 'no') then false end"
        )
    if column.formats:
        formats = ", ".join(literal(format) for format in column.formats)
        return f"try_strptime({text}, [{formats}])::{column.data_type}"
    pattern, value = {
        "bigint": (WHOLE_NUMBER, text),
        "integer": (WHOLE_NUMBER, text),
        "double": (NUMBER, text),
        "date": (ONLY_A_DATE, text),
        # By way of a timestamp with zone: the direct cast would drop the offset. The session's zone is UTC.
        "timestamp": (STARTS_WITH_DATE, f"try_cast({text} as timestamptz)"),
    }[column.data_type]
    return f"case when regexp_full_match({text}, '{pattern}') then {_cast(column.data_type, value)} end"


def _cast(data_type: str, value: str) -> str:
    cast = f"try_cast({value} as {data_type})"
    if data_type in ("double", "timestamp", "date"):
        return f"case when isfinite({cast}) then {cast} end"
    return cast


def _uncastable(table: RawTable) -> str:
    """``column: masked value`` of each value that was given and could not be cast, or null."""
    reasons = [
        f"case when given_{index} is not null and typed_{index} is null"
        f" then {literal(column.name + ': ')} || {DuckDBLoading.masked(f'given_{index}::varchar')} end"
        for index, column in enumerate(table.columns)
        if column.data_type != "string"
    ]
    return f"nullif(concat_ws('; ', {', '.join(reasons)}), '')" if reasons else "null::varchar"
