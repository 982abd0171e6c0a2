"""DuckDB: the embedded default. The build database and the published file are two files with one catalogue name, so
that SQL compiled against one runs on the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from cxmetrics.errors import CxError

if TYPE_CHECKING:
    from pathlib import Path

    from cxmetrics.project import Project


class DuckDBEngine:
    """Loads, runs and publishes on DuckDB files below ``warehouse/``."""

    name = "duckdb"
    double = "double"

    def __init__(self, project: Project):
        self.project = project

    @property
    def build_file(self) -> Path:
        return self.project.warehouse / "build" / "cx.duckdb"

    @property
    def published_file(self) -> Path:
        return self.project.warehouse / "cx.duckdb"

    @contextmanager
    def building(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that may write to the build database, which is created when it is missing."""
        self.build_file.parent.mkdir(parents=True, exist_ok=True)
        with self._connect(self.build_file, read_only=False) as connection:
            yield connection

    @contextmanager
    def published(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection to what was published last."""
        if not self.published_file.exists():
            raise CxError("nothing has been published yet", file=self.published_file, next_step="cx build")
        with self._connect(self.published_file, read_only=True) as connection:
            yield connection

    @contextmanager
    def _connect(self, file: Path, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            connection = duckdb.connect(str(file), read_only=read_only)
        except duckdb.IOException as error:
            raise CxError(
                f"cannot open the database: {str(error).splitlines()[0]}",
                file=file,
                next_step="close the program that holds it, then run the command again",
            ) from error
        try:
            # Every timestamp is UTC; a machine's own zone must never move a day boundary.
            connection.execute("set TimeZone = 'UTC'")
            yield connection
        finally:
            connection.close()

    @staticmethod
    def identifier(name: str) -> str:
        """``name`` quoted for SQL."""
        return '"' + name.replace('"', '""') + '"'
