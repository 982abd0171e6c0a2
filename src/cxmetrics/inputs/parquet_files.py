"""Parquet files: their columns, once it is known that nobody has to wait for them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from cxmetrics.inputs.archives import require_bounded
from cxmetrics.inputs.declaration import RawTable
from cxmetrics.inputs.limits import Limits, require_few_columns, require_few_rows

# How much memory a value takes, about; in the file, thousands may be one.
VALUE_BYTES = 8


def parquet_columns(
    table: RawTable, path: Path, connection: duckdb.DuckDBPyConnection, limits: Limits
) -> dict[str, str]:
    """The columns with DuckDB's types. What the file says of its own size is looked at first: that takes no time.

    Raises CxError over a limit, and duckdb.Error for a file that cannot be read.
    """

    def said(query: str) -> int:
        return connection.execute(query, [escaped(path)]).fetchall()[0][0] or 0

    require_few_columns(said("select count(*) from parquet_schema(?) where num_children is null"), path, limits)
    rows = said("select sum(num_rows)::bigint from parquet_file_metadata(?)")
    require_few_rows(rows, path, limits)
    unpacked = said("select sum(total_uncompressed_size)::bigint from parquet_metadata(?)")
    described = "describe select * from read_parquet(?, binary_as_string = true)"
    columns = {row[0]: row[1] for row in connection.execute(described, [escaped(path)]).fetchall()}
    read = sum(column.name in columns and column.personal != "drop" for column in table.columns)
    require_bounded(path, path.stat().st_size, max(unpacked, rows * read * VALUE_BYTES), limits)
    return columns


def escaped(path: Path) -> str:
    """``path`` for DuckDB's readers, which take a name as a glob pattern."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))
