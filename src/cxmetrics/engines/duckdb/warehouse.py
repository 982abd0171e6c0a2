"""The files of a warehouse: a database that is built in, a published file that people open, and the lock of both.

They have one catalogue name, so that SQL compiled against one runs on the other. Whatever opens one of them opens it
here, where it is decided what SQL on the connection may reach: no file but the database's own and those that are named,
and no setting. Only the load of raw files reads whatever it is given, until it is shut.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cxmetrics.engines.exclusive import exclusive
from cxmetrics.engines.interface import first_row
from cxmetrics.engines.private import private_file, private_folder
from cxmetrics.engines.quoting import literal
from cxmetrics.errors import BuildFailed, CxError

# What DuckDB says, which has no codes for it, of a file that was cut off or overwritten, of one that another process
# writes to, and of a disk.
DAMAGED = ("not a valid DuckDB database", "Corrupt database", "Could not read enough bytes", "replaying WAL")
LOCKED = "Could not set lock"
NO_ROOM = ("No space left", "Disk quota exceeded", "File too large", "Could not write", "max_temp_directory_size")
REFUSED = ("Permission denied", "Read-only file system")
# What a reader may run.
QUERIES = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
# Nothing is fetched from anywhere, whatever a query names.
OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
# dbt's process ends some moments after a killed one that started it.
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class BuildDatabase:
    """A database file that is written to. It is created when it is missing."""

    file: Path

    @contextmanager
    def connected(self, folder: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection on which each statement is kept at once; SQL on it may reach files below ``folder``.

        Raises CxError when the file cannot be opened.
        """
        with self._open() as connection:
            shut(connection, folder)
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection on which all is kept or, after an exception, nothing. Raises BuildFailed without room."""
        with room(), self.connected() as connection:
            connection.begin()
            yield connection
            connection.commit()

    @contextmanager
    def load(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Like ``transaction``, but any file can be read until the connection is ``shut``."""
        with room(), self._open() as connection:
            connection.begin()
            yield connection
            connection.commit()

    @contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        private_folder(self.file.parent)
        with _connected(self.file, read_only=False) as connection:
            private_file(self.file)
            yield connection

    def fix(self) -> list[str]:
        """Make sure that it opens; sentences about what was done. A damaged one is set aside: it is built anew."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.file.exists():
            try:
                with _connected(self.file, read_only=False):
                    # Only what was killed leaves something here.
                    shutil.rmtree(self.file.with_name(f"{self.file.name}.tmp"), ignore_errors=True)
                    return []
            except CxError as error:
                if _says(error, DAMAGED):
                    return [self._set_aside(error.what)]
                if LOCKED not in error.what or time.monotonic() > until:
                    raise
                time.sleep(0.1)
        return []

    def _set_aside(self, problem: str) -> str:
        aside = self.file.with_name(f"{self.file.name}.damaged")
        self.file.replace(aside)
        self.file.with_name(f"{self.file.name}.wal").unlink(missing_ok=True)
        return f"{problem}; it was set aside as {aside} and built anew"


@dataclass(frozen=True)
class Warehouse:
    """The folder of both files."""

    folder: Path

    @property
    def build(self) -> BuildDatabase:
        return BuildDatabase(self.folder / "build" / "cx.duckdb")

    @property
    def published_file(self) -> Path:
        return self.folder / "cx.duckdb"

    def locked(self) -> AbstractContextManager[None]:
        """The lock of whoever builds or publishes. Raises CxError when another process holds it, saying which."""
        return exclusive(self.build.file.with_name("building.lock"))


class Reader:
    """A read-only connection that answers one query at a time. ``writes`` is the one Parquet file it can write."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, writes: Path | None):
        self._connection = connection
        self._writes = writes

    def execute(self, sql: str, /) -> duckdb.DuckDBPyConnection:
        """The answer to a query. Raises CxError for anything else, and for more than one."""
        return self._connection.execute(self._query(sql))

    def write_parquet(self, query: str) -> None:
        """The answer to a query as the Parquet file that was named when this was opened."""
        self._query(query)
        self._connection.execute(f"copy ({query}) to {literal(str(self._writes))} (format parquet)")

    def _query(self, sql: str) -> duckdb.Statement:
        statements = self._connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type not in QUERIES:
            raise CxError("readers ask one query at a time, and nothing else", got=sql[:200])
        return statements[0]


@contextmanager
def reading(file: Path, writes: Path | None = None) -> Iterator[Reader]:
    """A connection to a file that was published, or is to be, for whoever reads: it reaches no other file but the
    Parquet file ``writes``. Raises CxError when it cannot be opened."""
    with _connected(file, read_only=True) as connection:
        writes = writes and writes.resolve()
        # DuckDB replaces a file that is there by one that it writes beside it.
        shut(connection, files=(writes, writes.with_name(f"tmp_{writes.name}")) if writes else ())
        yield Reader(connection, writes)


def shut(connection: duckdb.DuckDBPyConnection, folder: Path | None = None, files: Iterable[Path] = ()) -> None:
    """From now on SQL reaches no file but the database's own, ``files`` and what lies below ``folder``, and changes no
    setting. So it is for good, and for every other connection of this process to the same database."""
    if first_row(connection, "select current_setting('lock_configuration')")[0]:
        return
    if folder is not None:
        connection.execute(f"set allowed_directories = [{literal(str(folder.resolve()))}]")
    named = ", ".join(literal(str(file)) for file in files)
    if named:
        connection.execute(f"set allowed_paths = [{named}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


@contextmanager
def room() -> Iterator[None]:
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


@contextmanager
def _connected(file: Path, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = duckdb.connect(str(file), read_only=read_only, config=OFFLINE)
    except (duckdb.IOException, duckdb.ConnectionException) as error:
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
        if not first_row(connection, "select current_setting('lock_configuration')")[0]:
            connection.execute("set global TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def _says(error: Exception, words: tuple[str, ...]) -> bool:
    return any(some in str(error) for some in words)
