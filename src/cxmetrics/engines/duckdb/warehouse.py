"""The files of a warehouse: a database that is built in, a published file that people open, and the lock of both.

They have one catalogue name, so that SQL compiled against one runs on the other.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cxmetrics.engines.exclusive import exclusive
from cxmetrics.errors import BuildFailed, CxError

# What DuckDB says, which has no codes for it, of a file that was cut off or overwritten, of one that another process
# writes to, and of a disk.
DAMAGED = ("not a valid DuckDB database", "Corrupt database", "Could not read enough bytes", "replaying WAL")
LOCKED = "Could not set lock"
NO_ROOM = ("No space left", "Disk quota exceeded", "File too large", "Could not write", "max_temp_directory_size")
REFUSED = ("Permission denied", "Read-only file system")
# dbt's process ends some moments after a killed one that started it.
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class BuildDatabase:
    """A database file that is written to. It is created when it is missing."""

    file: Path

    @contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection on which each statement is kept at once. Raises CxError when the file cannot be opened."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with _connected(self.file, read_only=False) as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection on which all is kept or, after an exception, nothing. Raises BuildFailed without room."""
        with room(), self.connected() as connection:
            connection.begin()
            yield connection
            connection.commit()

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


def reading(file: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """A read-only connection to a file that was published, or is to be. Raises CxError when it cannot be opened."""
    return _connected(file, read_only=True)


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


def _says(error: Exception, words: tuple[str, ...]) -> bool:
    return any(some in str(error) for some in words)
