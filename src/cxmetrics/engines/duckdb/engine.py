"""DuckDB: the embedded default. The build database and the published file are two files of one folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.history import DuckDBHistory
from cxmetrics.engines.duckdb.loading import DuckDBLoading
from cxmetrics.engines.duckdb.publication import publish_file, remove_leftovers
from cxmetrics.engines.duckdb.warehouse import Reader, Warehouse, reading
from cxmetrics.engines.interface import Publication
from cxmetrics.engines.quoting import StandardQuoting
from cxmetrics.errors import NothingPublished


class DuckDBEngine(StandardQuoting):
    """Loads, runs and publishes on DuckDB files below ``warehouse/``."""

    name = "duckdb"
    dialect = "duckdb"
    double = "double"
    text = "varchar"
    build_prefix = ""
    failure = duckdb.Error

    def __init__(self, project: Project, target: str = "duckdb", output: Mapping[str, Any] | None = None):
        self.project = project
        self.target = target

    @property
    def warehouse(self) -> Warehouse:
        """The folder that the project names."""
        return Warehouse(self.project.warehouse)

    @property
    def build_file(self) -> Path:
        return self.warehouse.build.file

    @property
    def published_file(self) -> Path:
        return self.warehouse.published_file

    @property
    def build_location(self) -> str:
        return str(self.build_file)

    @property
    def published_location(self) -> str:
        return str(self.published_file)

    @property
    def history(self) -> DuckDBHistory:
        return DuckDBHistory(self.warehouse)

    @contextmanager
    def reserved(self) -> Iterator[list[str]]:
        """A lock beside the build database. What a killed run left is fixed or removed."""
        with self.warehouse.locked():
            notes = self.warehouse.build.fix()
            remove_leftovers(self.published_file)
            yield notes

    def building(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection that may write to the build database, which is created when it is missing."""
        return self.warehouse.build.connected()

    def writing(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Like ``building``, as one transaction: all of it is kept or, after an exception, nothing."""
        return self.warehouse.build.transaction()

    @contextmanager
    def loading(self) -> Iterator[DuckDBLoading]:
        """Loads into the build database, in one transaction."""
        with self.warehouse.build.load() as connection:
            yield DuckDBLoading(connection)

    @contextmanager
    def published(self, writes: Path | None = None) -> Iterator[Reader]:
        """A read-only connection to what was published last; it reaches no file but the Parquet file ``writes``."""
        if not self.published_file.exists():
            raise NothingPublished("nothing has been published yet", file=self.published_file, next_step="cx build")
        with reading(self.published_file, writes) as connection:
            yield connection

    def publish(self, publication: Publication) -> list[str]:
        """Write the new file beside the old one and rename it into its place."""
        return publish_file(self.warehouse, publication)

    def write_parquet(self, connection: Reader, query: str, file: Path) -> None:
        """DuckDB writes the file itself."""
        connection.write_parquet(query)
