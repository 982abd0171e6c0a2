"""DuckDB: the embedded default. The build database and the published file are two files with one catalogue name, so
that SQL compiled against one runs on the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from cxmetrics.errors import CxError

if TYPE_CHECKING:
    from pathlib import Path

    from cxmetrics.project import Project


class DuckDBEngine:
    """Loads, runs and publishes on DuckDB files below ``warehouse/``."""

    name = "duckdb"
    double = "double"
    text = "varchar"
    failure = duckdb.Error

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
    def loading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Like ``building``, as one transaction: all of it is kept or, after an exception, nothing."""
        with self.building() as connection:
            connection.begin()
            yield connection
            connection.commit()

    def create_table(
        self, connection: duckdb.DuckDBPyConnection, schema: str, table: str, columns: Mapping[str, str]
    ) -> None:
        """An empty table in the place of one with this name. ``columns``: data types by name."""
        declared = ", ".join(f"{self.identifier(name)} {data_type}" for name, data_type in columns.items())
        connection.execute(f"create schema if not exists {self.identifier(schema)}")
        connection.execute(f"create or replace table {self.relation(schema, table)} ({declared})")

    def append(self, connection: duckdb.DuckDBPyConnection, schema: str, table: str, select: str) -> int:
        """Store the rows of DuckDB's ``select`` at the end of a table; how many they are."""
        rows = connection.execute(f"insert into {self.relation(schema, table)} by name {select}").fetchone()
        return rows[0] if rows else 0

    def sqlalchemy_engine(self, connection: duckdb.DuckDBPyConnection) -> tuple[str, dict[str, Any]]:
        """URL and arguments for an SQLAlchemy engine that reads inside the transaction of ``connection``."""
        from cxmetrics.engines import duckdb_dialect

        return duckdb_dialect.URL, duckdb_dialect.engine_arguments(connection)

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

    def relation(self, schema: str, table: str) -> str:
        """``schema.table`` quoted for SQL."""
        return f"{self.identifier(schema)}.{self.identifier(table)}"

    @staticmethod
    def masked(text: str) -> str:
        """SQL: the text with digits as 9, letters as a, everything else kept, at most 40 characters."""
        digits = f"regexp_replace(left({text}, 40), '\\p{{Nd}}', '9', 'g')"
        return f"regexp_replace({digits}, '\\p{{L}}', 'a', 'g')"

    @staticmethod
    def literal(text: str) -> str:
        """``text`` as a string constant for SQL."""
        return "'" + text.replace("'", "''") + "'"

    @staticmethod
    def identifier(name: str) -> str:
        """``name`` quoted for SQL."""
        return '"' + name.replace('"', '""') + '"'
