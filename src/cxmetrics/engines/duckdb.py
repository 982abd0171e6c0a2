"""DuckDB: the embedded default. The build database and the published file are two files with one catalogue name, so
that SQL compiled against one runs on the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import duckdb

from cxmetrics.engines import Publication, StoredTable, quoting
from cxmetrics.errors import CxError

if TYPE_CHECKING:
    from pathlib import Path

    from cxmetrics.project import Project


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

    def reserved(self) -> AbstractContextManager[None]:
        """DuckDB lets one process write to a file, so a second build ends at its first connection."""
        return nullcontext()

    @contextmanager
    def building(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that may write to the build database, which is created when it is missing."""
        self.build_file.parent.mkdir(parents=True, exist_ok=True)
        with self._connect(self.build_file, read_only=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Like ``building``, as one transaction: all of it is kept or, after an exception, nothing."""
        with self.building() as connection:
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
            raise CxError("nothing has been published yet", file=self.published_file, next_step="cx build")
        with self._connect(self.published_file, read_only=True) as connection:
            yield connection

    def publish(self, publication: Publication) -> list[str]:
        """Write the new file beside the old one and rename it into its place."""
        from cxmetrics.engines.duckdb_publication import publish_file

        publish_file(self, publication)
        return []

    def write_parquet(self, connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
        """DuckDB writes the file itself."""
        connection.execute(f"copy ({query}) to {self.literal(str(file))} (format parquet)")

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
    def masked(text: str) -> str:
        """SQL: the text with digits as 9, letters as a, everything else kept, at most 40 characters."""
        digits = f"regexp_replace(left({text}, 40), '\\p{{Nd}}', '9', 'g')"
        return f"regexp_replace({digits}, '\\p{{L}}', 'a', 'g')"


class DuckDBLoading:
    """A load into an open DuckDB database. Its connection, and any transaction, belong to whoever opened it."""

    identifier = staticmethod(quoting.identifier)
    relation = staticmethod(quoting.relation)
    literal = staticmethod(quoting.literal)
    masked = staticmethod(DuckDBEngine.masked)

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self._connection = connection

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(sql)

    def create_table(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        declared = ", ".join(f"{self.identifier(name)} {data_type}" for name, data_type in columns.items())
        self.execute(f"create schema if not exists {self.identifier(schema)}")
        self.execute(f"create or replace table {self.relation(schema, table)} ({declared})")

    def append(self, schema: str, table: str, select: str) -> int:
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
        from cxmetrics.engines import duckdb_dialect

        arguments = duckdb_dialect.engine_arguments(self._connection)
        return context.data_sources.add_sql(
            "warehouse", connection_string=duckdb_dialect.URL, create_temp_table=False, kwargs=arguments
        )

    def runnable(self, query: str) -> str:
        return query
