"""Publication: the marts and metric values of a build become the file people open.

The new file is written beside the old one, checked, and renamed into its place. Whoever has the old one open goes on
reading it; nobody ever meets a lock or a half-written file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from cxmetrics.errors import BuildFailed
from cxmetrics.values import BUILD_INFO, BUILD_INFO_COLUMNS, COLUMNS, TABLE

if TYPE_CHECKING:
    from cxmetrics.engines.duckdb import DuckDBEngine
    from cxmetrics.project import Project

SCHEMAS = ("service", "experience", "journey", "metrics")
UNFINISHED = ".publishing"


def publish(project: Project, engine: DuckDBEngine) -> Path:
    """Replace the published file by the tables of the build database's published schemas; returns its path.

    Raises BuildFailed when the copy cannot be written or differs from the build; what was published before is
    untouched then.
    """
    published = engine.published_file
    try:
        published.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(published)
        unfinished = published.with_name(f"{published.name}.{os.getpid()}{UNFINISHED}")
        try:
            # In a folder of its own, because DuckDB takes the name of the catalogue from the name of the file.
            unfinished.mkdir()
            copy = unfinished / published.name
            _copy(engine, copy, _comments(project))
            _sync(copy)
            # The log of a program that once opened the file for writing belongs to the old file, not to the new one.
            published.with_name(f"{published.name}.wal").unlink(missing_ok=True)
            copy.replace(published)
            _sync(published.parent)
        finally:
            _remove(unfinished)
    except (OSError, duckdb.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0]
        raise BuildFailed(
            f"the build could not be published: {reason}",
            file=published,
            next_step="make room or make the folder writable, then cx build; what was published before is untouched",
        ) from error
    return published


def _copy(engine: DuckDBEngine, copy: Path, comments: Mapping[str, Mapping[str, str]]) -> None:
    with engine.building() as connection:
        tables = [(schema, table) for schema, table in _tables(connection) if schema in SCHEMAS]
        _require(f"{TABLE} is missing from the build", tuple(TABLE.split(".")) in tables)
        connection.execute(f"attach {engine.literal(str(copy))} as copy")
        for schema in SCHEMAS:
            connection.execute(f"create schema copy.{schema}")
        for schema, table in tables:
            name = engine.relation(schema, table)
            connection.execute(f"create table copy.{name} as from cx.{name}")
            for column, text in comments.get(f"{schema}.{table}", {}).items():
                target = f"copy.{name}.{engine.identifier(column)}"
                connection.execute(f"comment on column {target} is {engine.literal(text)}")
        _verify(engine, connection, tables)
        connection.execute("detach copy")


def _verify(engine: DuckDBEngine, connection: duckdb.DuckDBPyConnection, tables: list[tuple[str, str]]) -> None:
    for schema, table in tables:
        name = engine.relation(schema, table)
        built, copied = connection.execute(
            f"select (select count(*) from cx.{name}), (select count(*) from copy.{name})"  # noqa: S608
        ).fetchone()
        _require(f"{schema}.{table} has {copied} rows in the copy and {built} in the build", built == copied)
        _require(f"{TABLE} has no row", copied > 0 or f"{schema}.{table}" != TABLE)


def _require(problem: str, holds: bool) -> None:
    if not holds:
        raise BuildFailed(f"the build was not published: {problem}", next_step="cx build")


def _tables(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Schema and name of every table of the build database; views stay behind, they read unpublished schemas."""
    yield from connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'cx' order by all"
    ).fetchall()


def _comments(project: Project) -> dict[str, dict[str, str]]:
    """Column descriptions by ``schema.table``, from the models' .yml and of what Python writes."""
    comments = {
        f"{model.schema}.{model.name}": {column.name: column.description for column in model.columns}
        for model in project.models().values()
    }
    comments[TABLE] = COLUMNS
    comments[BUILD_INFO] = BUILD_INFO_COLUMNS
    return {table: {name: text for name, text in columns.items() if text} for table, columns in comments.items()}


def _sync(path: Path) -> None:
    """Make sure that a file, or a folder's entries, are on disk: a rename must not outlive what it names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_leftovers(published: Path) -> None:
    """Folders of runs that were killed; one whose process still runs is left alone."""
    for folder in published.parent.glob(f"{published.name}.*{UNFINISHED}"):
        process = folder.name.removeprefix(f"{published.name}.").removesuffix(UNFINISHED)
        if not process.isdigit() or int(process) == os.getpid() or not _runs(int(process)):
            _remove(folder)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
