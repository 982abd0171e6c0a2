"""SQL that reads one raw file with the declared types.

DuckDB reads the files whatever the warehouse is, so a value is understood the same way on every engine; the engine only
stores what this select returns.

A value that cannot be cast becomes null, and its column and masked value are kept in ``_cx_uncastable``: the row is
rejected later with all other reasons, never dropped here. Timestamps with an offset become UTC, naive ones are UTC.
Personal data are hashed or dropped here, before anything is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from cxmetrics.engines.duckdb.loading import DuckDBLoading
from cxmetrics.engines.quoting import identifier, literal
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.inputs import amounts, values
from cxmetrics.inputs.declaration import FILE, ROW, UNCASTABLE, RawColumn, RawTable
from cxmetrics.inputs.files import RawFile
from cxmetrics.inputs.ids import has_lost_digits, whole
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

# What exports write where there is no value, besides nothing; as they spell it.
BLANK_WORDS = (
    "NULL", "null", "Null", "(null)", "\\N", "None", "none", "NONE", "nan", "NaN", "NAN", "<NA>", "NaT", "N/A", "n/a",
    "#N/A",
)  # fmt: skip


def select_rows(table: RawTable, file: RawFile, first_row: int) -> Sql:
    """A select of the declared columns of one file plus ``_cx_file``, ``_cx_row`` and ``_cx_uncastable``.

    Rows are numbered from ``first_row`` in the order of the file.
    """
    positions = list(enumerate(table.columns))
    given = {f"given_{index}": _given(column, table, file) for index, column in positions}
    typed = {f"typed_{index}": _typed(column, file, f"given_{index}") for index, column in positions}
    columns = [sql("typed_{index} as {name}", index=index, name=identifier(column.name)) for index, column in positions]
    return sql(
        """
        select {columns}, {file} as {file_column}, row_in_file + {first_row} as {row_column},
            {uncastable} as {uncastable_column}
        from (
            select *, {typed}
            from (select {row_in_file} as row_in_file, {given} from {relation}) as given_values
        ) as typed_values
        """,
        columns=joined(columns),
        file=literal(file.name),
        file_column=FILE,
        first_row=first_row,
        row_column=ROW,
        uncastable=_uncastable(table),
        uncastable_column=UNCASTABLE,
        typed=_named(typed),
        row_in_file=_row_in_file(file),
        given=_named(given),
        relation=_relation(file),
    )


def _named(values: Mapping[str, str]) -> Sql:
    """Columns by name."""
    return joined(sql("{value} as {name}", value=value, name=name) for name, value in values.items())


def _relation(file: RawFile) -> Sql:
    if file.is_parquet:
        path = literal(escaped(file.path))
        return sql("read_parquet({path}, binary_as_string = true, file_row_number = true)", path=path)
    if file.is_json:
        keys = joined(sql("{name}: 'VARCHAR'", name=identifier(name)) for name in file.columns)
        return sql(
            "read_json({path}, format = 'auto', columns = {{{keys}}})", path=literal(escaped(file.path)), keys=keys
        )
    if not file.scan.bad_lines and not file.scan.footer:
        return file.text_relation(Sql("ignore_errors = false"))
    # The lines that are no rows are known. The option of the scan, because ignore_errors skips a row more after some.
    name = f"cx_{uuid4().hex}"
    # Of a long value between quotes, a reader that begins in its middle would take the lines for rows.
    options = "store_rejects = true, rejects_table = {errors}, rejects_scan = {scan}, parallel = false"
    return file.text_relation(sql(options, errors=literal(name), scan=literal(f"{name}_scan")))


def _row_in_file(file: RawFile) -> Sql:
    # The CSV reader keeps the order of the lines, also when it reads in parallel (preserve_insertion_order).
    return Sql("file_row_number" if file.is_parquet else "row_number() over () - 1")


def blanks(column: RawColumn, table: RawTable) -> tuple[str, ...]:
    """The texts that mean that the column has no value; a label that is listed is one."""
    listed = {label.lower() for label in column.labels}
    return ("", *table.null_values, *(word for word in BLANK_WORDS if word.lower() not in listed))


def is_trimmed(column: RawColumn) -> bool:
    """Whether blanks around its values mean nothing: those of ids and labels, and of all that is no text."""
    return column.is_id or column.is_hashed or column.data_type != "string"


def _given(column: RawColumn, table: RawTable, file: RawFile) -> Sql:
    """The value as the file has it: null when the column is absent, the text blank or a word for no value."""
    given = file.columns.get(column.name)
    if given is None or column.personal == "drop":
        return Sql("null::varchar")
    name = file.reference(column.name)
    if given in DIRECT.get(column.data_type, ()):
        return sql("case when not isnan({name}) then {name} end", name=name) if given in ("FLOAT", "DOUBLE") else name
    text = name if given == "VARCHAR" else sql("{name}::varchar", name=name)
    bare = values.trimmed(text)
    return sql(
        "case when {bare} not in ({blanks}) then {text} end",
        bare=bare,
        blanks=joined(literal(value) for value in blanks(column, table)),
        text=bare if is_trimmed(column) else text,
    )


def _typed(column: RawColumn, file: RawFile, given: str) -> Sql:
    if file.columns.get(column.name) in DIRECT.get(column.data_type, ()) and column.personal != "drop":
        return _cast(column.data_type, given)
    if column.data_type == "string":
        if column.is_id:
            stored = sql(
                "case when not {lost} then {stored} end",
                lost=has_lost_digits(given, DuckDBLoading),
                stored=guarded(column, whole(given, DuckDBLoading), DuckDBLoading),
            )
        else:
            stored = guarded(column, given, DuckDBLoading)
        if not may_hold_any_sign(column):
            return stored
        # PostgreSQL stores no NUL, and no text file that was read holds one.
        return sql("replace({stored}, chr(0), {replacement})", stored=stored, replacement=literal(REPLACEMENT))
    if column.data_type == "boolean":
        return values.boolean(given)
    if column.data_type in ("date", "timestamp"):
        return values.moment(column, given)
    number = amounts.number(given, column.decimal or file.amounts.mark)
    if column.data_type == "double":
        return _cast("double", number)
    return sql(
        "case when {is_whole} then {value} end",
        is_whole=DuckDBLoading.matches(number, values.WHOLE_NUMBER),
        value=_cast(column.data_type, number),
    )


def _cast(data_type: str, value: str) -> Sql:
    cast = sql("try_cast({value} as {data_type})", value=value, data_type=data_type)
    return values.finite(cast) if data_type in ("double", "timestamp", "date") else cast


def _uncastable(table: RawTable) -> Sql:
    """``column: masked value`` of each value that was given and could not be read, or null."""
    reasons = [
        sql(
            "case when given_{index} is not null and typed_{index} is null then {name} || {masked} end",
            index=index,
            name=literal(f"{column.name}: "),
            masked=_masked(column, sql("given_{index}::varchar", index=index)),
        )
        for index, column in enumerate(table.columns)
        if column.data_type != "string" or (column.is_id and column.personal != "drop")
    ]
    if not reasons:
        return Sql("null::varchar")
    return sql("nullif(concat_ws('; ', {reasons}), '')", reasons=joined(reasons))


def _masked(column: RawColumn, text: str) -> Sql:
    if column.data_type in ("date", "timestamp"):
        return values.masked_moment(text)
    return DuckDBLoading.masked(text)
