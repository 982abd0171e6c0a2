"""Publication on DuckDB: a file that people open.

The new file is written beside the old one, checked, and renamed into its place. Whoever has the old one open goes on
reading it; nobody ever meets a lock or a half-written file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from cxmetrics.engines import Publication
from cxmetrics.errors import BuildFailed

if TYPE_CHECKING:
    from cxmetrics.engines.duckdb import DuckDBEngine

UNFINISHED = ".publishing"


def publish_file(engine: DuckDBEngine, publication: Publication) -> None:
    """Replace the published file by the tables of the build database's published schemas.

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
            _copy(engine, copy, publication)
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


def _copy(engine: DuckDBEngine, copy: Path, publication: Publication) -> None:
    with engine.building() as connection:
        tables = [(schema, table) for schema, table in _tables(connection) if schema in publication.schemas]
        publication.require_table(f"{schema}.{table}" for schema, table in tables)
        connection.execute(f"attach {engine.literal(str(copy))} as copy")
        for schema in publication.schemas:
            connection.execute(f"create schema copy.{schema}")
        for schema, table in tables:
            name = engine.relation(schema, table)
            connection.execute(f"create table copy.{name} as from cx.{name}")
            for column, text in publication.comments.get(f"{schema}.{table}", {}).items():
                what = f"column copy.{name}.{engine.identifier(column)}" if column else f"table copy.{name}"
                connection.execute(f"comment on {what} is {engine.literal(text)}")
            built, copied = connection.execute(
                f"select (select count(*) from cx.{name}), (select count(*) from copy.{name})"  # noqa: S608
            ).fetchone()
            publication.require_rows(f"{schema}.{table}", built, copied)
        connection.execute("detach copy")


def _tables(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Schema and name of every table of the build database; views stay behind, they read unpublished schemas."""
    yield from connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'cx' order by all"
    ).fetchall()


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
