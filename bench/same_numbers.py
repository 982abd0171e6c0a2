"""Does a change leave every published number as it was? Compares two publications, table by table.

    python bench/same_numbers.py BEFORE.duckdb AFTER.duckdb
    python bench/same_numbers.py BEFORE.duckdb --target postgres --renamed metrics.metric_values.dimension=dimension

Two tables are the same when they hold the same multiset of rows: keys, counts and times equal, floats to 1e-9 of their
size. A table or column that only one side has is a difference, unless ``--renamed`` says what it is called now. Before
anything is reported, a difference planted into a copy of each table's rows must be found.

Exit status 0 when nothing differs, 1 when something does.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from cxmetrics.definitions.project import Project  # noqa: E402
from cxmetrics.engines.interface import PUBLISHED_SCHEMAS  # noqa: E402
from cxmetrics.engines.quoting import literal  # noqa: E402
from cxmetrics.engines.registry import engine_for  # noqa: E402
from cxmetrics.engines.sql import sql  # noqa: E402
from support.same_rows import differences  # noqa: E402 (the rule that the tests of the engines use)

Table = tuple[list[str], list[tuple[Any, ...]]]


def main() -> int:
    arguments = _arguments()
    renamed = dict(pair.split("=", 1) for pair in arguments.renamed)
    with _opened(arguments.before) as before:
        names = _tables(before)
        with _after(arguments) as (after, relation, others):
            found = [f"{name} is on one side only" for name in sorted({_now(name, renamed) for name in names} ^ others)]
            rows = planted = 0
            for name in names:
                if _now(name, renamed) not in others:
                    continue
                columns, ours = _read(before, name)
                columns = [_now(f"{name}.{column}", renamed).split(".")[-1] for column in columns]
                theirs_columns, theirs = _read(after, relation(_now(name, renamed)))
                missing = sorted(set(columns) ^ set(theirs_columns))
                found += [f"{name}.{column} is on one side only" for column in missing]
                shared = [column for column in columns if column not in missing]
                ours, theirs = _chosen(columns, ours, shared), _chosen(theirs_columns, theirs, shared)
                found += differences(name, shared, ours, theirs)
                planted += _finds_a_planted_one(name, shared, ours)
                rows += len(ours)
    for sentence in found:
        print(sentence)
    print(
        f"{len(found)} differences in {len(names)} tables with {rows:,} rows; {planted} of {planted} planted ones found"
    )
    return 1 if found else 0


def _finds_a_planted_one(name: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> int:
    """Change one value of one row: the comparison must say so. 1, or 0 where a table holds nothing to change."""
    for position, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                changed = [*rows]
                changed[position] = (*row[:column], _other(value), *row[column + 1 :])
                if not differences(name, columns, rows, changed):
                    sys.exit(f"a difference planted in {name}.{columns[column]} was not found")
                return 1
    return 0


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, datetime.date):
        return value + datetime.timedelta(days=1)
    return f"{value}!" if isinstance(value, str) else value + 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="a published DuckDB file")
    parser.add_argument("after", type=Path, nargs="?", help="another one; or name a target")
    parser.add_argument("--target", help="a target of profiles.yml in which the change was published")
    parser.add_argument("--renamed", action="append", default=[], metavar="SCHEMA.TABLE[.COLUMN]=NEW")
    arguments = parser.parse_args()
    if (arguments.after is None) == (arguments.target is None):
        parser.error("name a second file or a target")
    return arguments


@contextmanager
def _opened(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@contextmanager
def _after(arguments: argparse.Namespace) -> Iterator[tuple[Any, Any, set[str]]]:
    """A connection, what quotes a table's name for it, and the tables there are."""
    if arguments.after:
        with _opened(arguments.after) as connection:
            yield connection, lambda name: name, set(_tables(connection))
        return
    engine = engine_for(Project.find(ROOT), arguments.target)
    with engine.published() as connection:
        rows = [row for schema in PUBLISHED_SCHEMAS for row in _listed(connection, engine.name, schema)]
        yield connection, lambda name: engine.relation(*name.split(".")), set(rows)


def _listed(connection: Any, engine: str, schema: str) -> list[str]:
    if engine == "spark":
        return [f"{schema}.{row[1]}" for row in connection.execute(f"show tables in {schema}").fetchall()]
    query = sql(
        "select table_name from information_schema.tables where table_schema = {schema}", schema=literal(schema)
    )
    return [f"{schema}.{row[0]}" for row in connection.execute(query).fetchall()]


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("select schema_name || '.' || table_name from duckdb_tables() order by 1").fetchall()
    return [name for (name,) in found]


def _read(connection: Any, relation: str) -> Table:
    answer = connection.execute(sql("select * from {relation}", relation=relation))
    return [column[0] for column in answer.description], [tuple(row) for row in answer.fetchall()]


def _chosen(columns: Sequence[str], rows: list[tuple[Any, ...]], wanted: Sequence[str]) -> list[tuple[Any, ...]]:
    places = [columns.index(column) for column in wanted]
    return [tuple(row[place] for place in places) for row in rows]


def _now(name: str, renamed: dict[str, str]) -> str:
    """What a table or column is called on the other side."""
    return f"{name.rpartition('.')[0]}.{renamed[name]}" if name in renamed else name


if __name__ == "__main__":
    sys.exit(main())
