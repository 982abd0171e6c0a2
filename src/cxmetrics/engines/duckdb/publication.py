"""Publication on DuckDB: a file that people open.

The new file is written beside the old one, checked, and renamed into its place. Whoever has the old one open goes on
reading it; nobody ever meets a lock or a half-written file.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import duckdb

from cxmetrics.engines.duckdb.history import UNTOUCHED, date, keep, prune, sync, sync_folder
from cxmetrics.engines.duckdb.warehouse import BuildDatabase, Warehouse, reading
from cxmetrics.engines.interface import Connection, Publication, first_row
from cxmetrics.engines.quoting import identifier, literal, relation
from cxmetrics.engines.sql import sql
from cxmetrics.errors import BuildFailed

UNFINISHED = ".publishing"
# Whoever opens the file for writing by mistake would lock others out, and change what was published.
READ_ONLY = 0o444


def publish_file(warehouse: Warehouse, publication: Publication) -> list[str]:
    """Replace the published file by the tables of the build database that are to be published; sentences about what
    was left out.

    Raises BuildFailed when the copy cannot be written or differs from the build; what was published before is
    untouched then.
    """
    published = warehouse.published_file
    try:
        published.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(published)
        unfinished = published.with_name(f"{published.name}.{os.getpid()}{UNFINISHED}")
        try:
            # In a folder of its own, because DuckDB takes the name of the catalogue from the name of the file.
            unfinished.mkdir()
            copy = unfinished / published.name
            notes = _copy(warehouse.build, copy, publication)
            verify(warehouse.build, copy, publication)
            date(copy, published)
            copy.chmod(READ_ONLY)
            sync(copy)
            keep(published)
            # The log of a program that once opened the file for writing belongs to the old file, not to the new one.
            published.with_name(f"{published.name}.wal").unlink(missing_ok=True)
            copy.replace(published)
        finally:
            _remove(unfinished)
    except (OSError, duckdb.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0]
        raise BuildFailed(
            f"the build could not be published: {reason}",
            file=published,
            next_step=f"make room or make the folder writable, then cx build; {UNTOUCHED}",
        ) from error
    sync_folder(published.parent)
    prune(published)
    return notes


def verify(build: BuildDatabase, file: Path, publication: Publication) -> None:
    """Raises BuildFailed unless ``file`` opens for readers and has every table to be published as it was built: as many
    rows, with the same content. Raises duckdb.Error when it cannot be read."""
    with build.connected() as connection:
        tables, _ = publication.chosen(_tables(connection, publication))
        built = [_content(connection, table) for table in tables]
    with reading(file) as connection:
        publication.chosen(_tables(connection, publication))
        copied = [_content(connection, table) for table in tables]
    for table, (built_rows, built_sum), (copied_rows, copied_sum) in zip(tables, built, copied, strict=True):
        name = ".".join(table)
        publication.require_rows(name, built_rows, copied_rows)
        if built_sum != copied_sum:
            raise BuildFailed(f"the build was not published: the copy of {name} differs from it", next_step="cx build")


def _content(connection: Connection, table: tuple[str, str]) -> tuple[int, int]:
    """How many rows a table has, and the sum of their hashes, which does not depend on their order."""
    query = sql("select count(*), sum(hash(cx_row)) from {table} as cx_row", table=relation(*table))
    rows, hashes = first_row(connection, query)
    return rows, hashes


def _copy(build: BuildDatabase, copy: Path, publication: Publication) -> list[str]:
    with build.connected(copy.parent) as connection:
        tables, notes = publication.chosen(_tables(connection, publication))
        connection.execute(f"attach {literal(str(copy.resolve()))} as copy")
        # One by one, each comment would be written to the disk and waited for.
        connection.begin()
        for schema in publication.schemas:
            connection.execute(f"create schema copy.{schema}")
        for schema, table in tables:
            name = relation(schema, table)
            connection.execute(f"create table copy.{name} as from cx.{name}")
            for column, text in publication.comments.get(f"{schema}.{table}", {}).items():
                what = f"column copy.{name}.{identifier(column)}" if column else f"table copy.{name}"
                connection.execute(f"comment on {what} is {literal(text)}")
        connection.commit()
        connection.execute("detach copy")
    return notes


def _tables(connection: Connection, publication: Publication) -> list[tuple[str, str]]:
    """Schema and name of every table of the published schemas; views stay behind, they read unpublished ones."""
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'cx' order by all"
    ).fetchall()
    return [(schema, table) for schema, table in found if schema in publication.schemas]


def remove_leftovers(published: Path) -> None:
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
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
