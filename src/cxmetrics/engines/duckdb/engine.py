"""DuckDB: the embedded default. The build database and the published file are two files with one catalogue name, so
that SQL compiled against one runs on the other."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from cxmetrics.engines import quoting
from cxmetrics.engines.exclusive import exclusive
from cxmetrics.engines.interface import Publication, StoredTable
from cxmetrics.errors import BuildFailed, CxError, NothingPublished

if TYPE_CHECKING:
    from pathlib import Path

    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.duckdb.history import DuckDBHistory

# What DuckDB says, which has no codes for it, of a file that was cut off or overwritten, of one that another process
# writes to, and of a disk.
DAMAGED = ("not a valid DuckDB database", "Corrupt database", "Could not read enough bytes", "replaying WAL")
LOCKED = "Could not set lock"
NO_ROOM = ("No space left", "Disk quota exceeded", "File too large", "Could not write", "max_temp_directory_size")
REFUSED = ("Permission denied", "Read-only file system")
# dbt's process ends some moments after a killed one that started it.
PATIENCE_SECONDS = 10.0


class DuckDBEngine:
    """Loads, runs and publishes on DuckDB files below ``warehouse/``."""

    name = "duckdb"
    dialect = "duckdb"
    double = "double"
    text = "varchar"
    build_prefix = ""
    failure = duckdb.Error

    identifier = staticmethod(quoting.identifier)
    relation = staticmethod(quoting.relation)
    literal = staticmethod(quoting.literal)

    def __init__(self, project: Project, target: str = "duckdb", output: Mapping[str, Any] | None = None):
        self.project = project
        self.target = target

    @property
    def build_file(self) -> Path:
        return self.project.warehouse / "build" / "cx.duckdb"

    @property
    def published_file(self) -> Path:
        return self.project.warehouse / "cx.duckdb"

    @property
    def build_place(self) -> str:
        return str(self.build_file)

    @property
    def published_place(self) -> str:
        return str(self.published_file)

    @property
    def history(self) -> DuckDBHistory:
        from cxmetrics.engines.duckdb.history import DuckDBHistory

        return DuckDBHistory(self)

    def locked(self) -> AbstractContextManager[None]:
        """The lock of a warehouse. Raises CxError when another process holds it, saying which."""
        return exclusive(self.build_file.with_name("building.lock"))

    @contextmanager
    def reserved(self) -> Iterator[list[str]]:
        """A lock beside the build database. What a killed run left is mended or removed."""
        from cxmetrics.engines.duckdb.publication import remove_leftovers

        with self.locked():
            notes = self._mended()
            remove_leftovers(self.published_file)
            yield notes

    def _mended(self) -> list[str]:
        """Make sure that the build database opens. One that does not is set aside: all it holds is built anew."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.build_file.exists():
            try:
                with self._connect(self.build_file, read_only=False):
                    # Only what was killed leaves something here.
                    shutil.rmtree(self.build_file.with_name(f"{self.build_file.name}.tmp"), ignore_errors=True)
                    return []
            except CxError as error:
                if _says(error, DAMAGED):
                    return [self._set_aside(error.what)]
                if LOCKED not in error.what or time.monotonic() > until:
                    raise
                time.sleep(0.1)
        return []

    def _set_aside(self, problem: str) -> str:
        aside = self.build_file.with_name(f"{self.build_file.name}.damaged")
        self.build_file.replace(aside)
        self.build_file.with_name(f"{self.build_file.name}.wal").unlink(missing_ok=True)
        return f"{problem}; it was set aside as {aside} and built anew"

    @contextmanager
    def building(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that may write to the build database, which is created when it is missing."""
        self.build_file.parent.mkdir(parents=True, exist_ok=True)
        with self._connect(self.build_file, read_only=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Like ``building``, as one transaction: all of it is kept or, after an exception, nothing."""
        with _room(), self.building() as connection:
            connection.begin()
            yield connection
            connection.commit()

    @contextmanager
    def loading(self) -> Iterator[DuckDBLoading]:
        """Loads into the build database, in one transaction."""
        with self.writing() as connection:
            yield DuckDBLoading(connection)

    @contextmanager
    def published(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection to what was published last."""
        if not self.published_file.exists():
            raise NothingPublished("nothing has been published yet", file=self.published_file, next_step="cx build")
        with self.reading(self.published_file) as connection:
            yield connection

    def publish(self, publication: Publication) -> list[str]:
        """Write the new file beside the old one and rename it into its place."""
        from cxmetrics.engines.duckdb.publication import publish_file

        return publish_file(self, publication)

    def write_parquet(self, connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
        """DuckDB writes the file itself."""
        connection.execute(f"copy ({query}) to {self.literal(str(file))} (format parquet)")

    def reading(self, file: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A read-only connection to a file that was published, or is to be."""
        return self._connect(file, read_only=True)

    @contextmanager
    def _connect(self, file: Path, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            connection = duckdb.connect(str(file), read_only=read_only)
        except duckdb.IOException as error:
            step = "close the program that holds it"
            if _says(error, (*NO_ROOM, *REFUSED)):
                step = "make room or make the file and its folder writable"
            raise CxError(
                f"cannot open the database: {str(error).splitlines()[0]}",
                file=file,
                next_step=f"{step}, then run the command again",
            ) from error
        try:
            # Every timestamp is UTC; a machine's own zone must never move a day boundary.
            connection.execute("set TimeZone = 'UTC'")
            yield connection
        finally:
            connection.close()

    @staticmethod
    def masked(text: str) -> str:
        """SQL: the text with digits as 9, letters as a, control characters as blanks, at most 40 characters."""
        digits = f"regexp_replace(left({text}, 40), '\\p{{Nd}}', '9', 'g')"
        letters = f"regexp_replace({digits}, '\\p{{L}}', 'a', 'g')"
        return f"regexp_replace({letters}, '\\p{{Cc}}', ' ', 'g')"

    @staticmethod
    def hashed(text: str) -> str:
        """SQL: the SHA-256 of a text, in hexadecimal digits."""
        return f"sha256({text})"

    @staticmethod
    def matches(text: str, pattern: str) -> str:
        """SQL: whether the whole text has the form of a pattern."""
        return f"regexp_full_match({text}, {quoting.literal(pattern)})"


@contextmanager
def _room() -> Iterator[None]:
    """Raises BuildFailed where DuckDB finds no room."""
    try:
        yield
    except duckdb.Error as error:
        if not _says(error, NO_ROOM):
            raise
        raise BuildFailed(
            f"the build database cannot be written: {str(error).splitlines()[0]}",
            next_step="make room, then run the command again; what was published before is untouched",
        ) from error


def _says(error: Exception, words: tuple[str, ...]) -> bool:
    return any(some in str(error) for some in words)


class DuckDBLoading:
    """A load into an open DuckDB database. Its connection, and any transaction, belong to whoever opened it."""

    identifier = staticmethod(quoting.identifier)
    relation = staticmethod(quoting.relation)
    literal = staticmethod(quoting.literal)
    masked = staticmethod(DuckDBEngine.masked)
    hashed = staticmethod(DuckDBEngine.hashed)
    matches = staticmethod(DuckDBEngine.matches)

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self._connection = connection

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(sql)

    def create_table(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        declared = ", ".join(f"{self.identifier(name)} {data_type}" for name, data_type in columns.items())
        self.execute(f"create schema if not exists {self.identifier(schema)}")
        self.execute(f"create or replace table {self.relation(schema, table)} ({declared})")

    def append(self, schema: str, table: str, select: str) -> int:
        # What goes wrong with the database is no complaint about the file that is read.
        with _room():
            rows = self.execute(f"insert into {self.relation(schema, table)} {select}").fetchone()
        return rows[0] if rows else 0

    insert = append

    def stored(self, schema: str) -> dict[str, StoredTable]:
        found: dict[str, dict[str, str]] = {}
        for table, column, data_type in self.execute(
            "select table_name, column_name, data_type from information_schema.columns"  # noqa: S608
            f" where table_schema = {self.literal(schema)} and table_catalog = current_database()"
            " order by table_name, ordinal_position"
        ).fetchall():
            found.setdefault(table, {})[column] = data_type
        return {table: StoredTable(self.relation(schema, table), columns) for table, columns in found.items()}

    def gx_data_source(self, context: Any) -> Any:
        from cxmetrics.engines.duckdb import sqlalchemy_dialect as duckdb_dialect

        arguments = duckdb_dialect.engine_arguments(self._connection)
        return context.data_sources.add_sql(
            "warehouse", connection_string=duckdb_dialect.URL, create_temp_table=False, kwargs=arguments
        )

    def runnable(self, query: str) -> str:
        return query
