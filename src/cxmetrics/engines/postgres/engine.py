"""PostgreSQL: one database for what is built and what is published, and readers who never meet a lock.

dbt builds ``build_service`` and its like; publication copies them and swaps them, under the names ``service`` and its
like, for those of the build before.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from cxmetrics.definitions.project import Project
from cxmetrics.engines.interface import BUILD_PREFIX, Publication
from cxmetrics.engines.postgres.loading import PostgresLoading
from cxmetrics.engines.postgres.publication import publish_schemas
from cxmetrics.engines.postgres.server import PostgresServer, Reader, gather_statistics
from cxmetrics.engines.quoting import StandardQuoting
from cxmetrics.engines.sql import Sql, sql
from cxmetrics.errors import NothingPublished

# What PostgreSQL sends -> how DuckDB, which writes the Parquet file, calls it.
PARQUET_TYPES = {16: "BOOLEAN", 20: "BIGINT", 23: "INTEGER", 701: "DOUBLE", 1082: "DATE", 1114: "TIMESTAMP"}


class PostgresEngine(StandardQuoting):
    """Loads, runs and publishes in one database of a PostgreSQL server."""

    name = "postgres"
    dialect = "postgres"
    double: str = Sql("double precision")
    text = "text"
    build_prefix = BUILD_PREFIX
    failure = psycopg.Error
    history = None

    def __init__(self, project: Project, target: str, output: Mapping[str, Any]):
        self.project = project
        self.target = target
        self.server = PostgresServer(output)

    @property
    def build_location(self) -> str:
        return self.server.location

    published_location = build_location

    @contextmanager
    def reserved(self) -> Iterator[list[str]]:
        """A lock on a table of the builder's. What a killed build left is rolled back by the server itself."""
        with self.server.locked():
            yield []

    def building(self) -> AbstractContextManager[psycopg.Connection]:
        """A connection on which each statement is kept at once. Raises CxError when it may not create schemas."""
        return self.server.building()

    @contextmanager
    def writing(self) -> Iterator[psycopg.Connection]:
        """Like ``building``, as one transaction: all of it is kept or, after an exception, nothing."""
        with self.building() as connection, connection.transaction():
            gather_statistics(connection, BUILD_PREFIX)
            yield connection

    @contextmanager
    def loading(self) -> Iterator[PostgresLoading]:
        """Loads into the database, in one transaction."""
        with self.building() as connection, connection.transaction():
            yield PostgresLoading(connection)
            gather_statistics(connection, "raw_")

    @contextmanager
    def published(self, writes: Path | None = None) -> Iterator[Reader]:
        """A read-only session of the reader's role; all it reads is of one build, or an error."""
        try:
            with self.server.reading() as reader:
                yield reader
        except NothingPublished as error:
            error.next_step = f"cx build --target {self.target}"
            raise

    def publish(self, publication: Publication) -> list[str]:
        """Copy into fresh schemas and swap them for the published ones in one transaction."""
        return publish_schemas(self.server, publication)

    def write_parquet(self, connection: Reader, query: str, file: Path) -> None:
        """DuckDB writes the file, from what PostgreSQL sends as CSV."""
        described = connection.execute(sql("select * from ({query}) as answer limit 0", query=query)).description
        columns = {column.name: PARQUET_TYPES.get(column.type_code, "VARCHAR") for column in described or ()}
        declared = ", ".join(f"{self.literal(name)}: '{data_type}'" for name, data_type in columns.items())
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "answer.csv"
            with answer.open("wb") as out:
                out.writelines(connection.copied(query))
            duckdb.execute(
                f"copy (from read_csv({self.literal(str(answer))}, auto_detect = false, columns = {{{declared}}},"
                f" allow_quoted_nulls = false)) to {self.literal(str(file))} (format parquet)"
            )
