"""Personal data that nobody has, planted in raw files and looked for where none may be."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from cxmetrics.engines.quoting import identifier, relation
from cxmetrics.engines.sql import sql
from support.workplace import Workplace

# Text -> what of it must not turn up anywhere, in lower case.
CANARIES = {
    "Erika Mustermann": "mustermann",
    "Musterstrasse 12, 50667 Koeln": "musterstrasse",
    "+49 170 5550142": "5550142",
    "0170-5550142": "5550142",
    "01705550142": "5550142",
    "erika.m@example.org": "example.org",
    "4111 1111 1111 1111": "4111 1111",
    "4111111111111111": "41111111",
    "charged twice; please call my wife Anna": "charged twice",
    # What looks like an id or a label.
    "55514277": "55514277",
    "19850312": "19850312",
    "12.03.1985": "12.03.1985",
    "1985-03-12": "1985-03-12",
    "5550142": "5550142",
    "K19850312": "19850312",
    "tschmidtke7": "tschmidtke",
    "TSCHMIDTKE7": "tschmidtke",
    "tilda_schmidtke": "schmidtke",
    "tilda.schmidtke": "schmidtke",
    "Schmidtke": "schmidtke",
}
# Part of the name of a file.
FILE = "tilda_schmidtke_1985"
TOKENS = tuple(dict.fromkeys(CANARIES.values()))


def plant(rows: list[dict[str, str]], text_columns: Iterable[str]) -> None:
    """Put every canary into every text column, one a row, and one into every other column."""
    free = iter(rows)
    for column in rows[0]:
        is_text = column in set(text_columns)
        for canary in list(CANARIES) if is_text else list(CANARIES)[:1]:
            next(free)[column] = canary


def planted_copy(parquet: Path, folder: Path) -> None:
    """A table of the demo as CSV with canaries, and with a column that no source declares full of them."""
    with duckdb.connect() as connection:
        columns = connection.execute("describe select * from read_parquet(?)", [str(parquet)]).fetchall()
        answer = connection.execute("select columns(*)::varchar from read_parquet(?)", [str(parquet)])
        names = [name for name, *_ in columns]
        rows = [dict(zip(names, (cell or "" for cell in row), strict=True)) for row in answer.fetchall()]
    plant(rows, [name for name, data_type, *_ in columns if data_type == "VARCHAR"])
    (folder / parquet.stem).mkdir()
    # Line endings of old Macs: it is read from a copy.
    with (folder / parquet.stem / f"{FILE}.csv").open("w", newline="", encoding="utf-16") as file:
        writer = csv.writer(file, lineterminator="\r")
        writer.writerow([*names, "description"])
        writer.writerows([*row.values(), list(CANARIES)[index % len(CANARIES)]] for index, row in enumerate(rows))
        # A line that is no row.
        writer.writerow(list(CANARIES)[:1])


def raw_with_canaries(demo: Workplace, folder: Path) -> Path:
    """The tables of the demo with canaries in them, in their names, and beside them."""
    raw = folder / "raw"
    raw.mkdir()
    for file in (demo.folder / "demo").glob("*.parquet"):
        planted_copy(file, raw)
    (raw / f"{FILE}.csv").write_text("a file of no table")
    return raw


def found_in_database(file: Path) -> Iterator[str]:
    """Where a canary stands in a DuckDB file: every value of every table is looked at, as its bytes are compressed.

    Measured numbers and moments are not: those may have any digits, and a date is kept where one is declared.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name, coalesce(comment, '') from duckdb_columns()"
            " where database_name = current_database() and not internal"
            " and data_type not in ('DOUBLE', 'FLOAT', 'DATE', 'TIMESTAMP')"
        ).fetchall()
        for schema, table, column, comment in columns:
            told = found_in_text(f"{column} {comment}".encode())
            yield from (f"{schema}.{table}.{column}: {token}" for token in told)
            query = sql(
                "select count(*), min({column}::varchar) from {table}"
                " where list_bool_or([contains(lower({column}::varchar), token) for token in $1])",
                column=identifier(column),
                table=relation(schema, table),
            )
            count, example = connection.execute(query, [list(TOKENS)]).fetchone()
            if count:
                yield f"{schema}.{table}.{column}: {count} rows, {example}"


def found_in_files(folder: Path) -> Iterator[str]:
    """Where a canary stands in the files of a folder, or in their names."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        yield from (f"{name}: {token}" for token in found_in_text(name.encode() + path.read_bytes()))


def found_in_text(content: bytes) -> Iterator[str]:
    """The canaries in a text."""
    content = content.lower()
    yield from (token for token in TOKENS if token.encode() in content)
