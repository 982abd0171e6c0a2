"""Spark: one Java process on this machine or a cluster, which of them is said by the profile.

DuckDB reads, types and checks the files for every engine; here it also hands them over, as Parquet. dbt builds
``build_service`` and its like as Parquet tables; what is published are views, named ``service`` and its like, of a copy
that nothing changes any more.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.warehouse import BuildDatabase
from cxmetrics.engines.exclusive import exclusive
from cxmetrics.engines.interface import BUILD_PREFIX, Publication
from cxmetrics.engines.quoting import SparkQuoting
from cxmetrics.engines.spark.files import WAREHOUSE, Storage
from cxmetrics.engines.spark.loading import SparkLoading
from cxmetrics.engines.spark.network import closed
from cxmetrics.engines.spark.publication import publish_views
from cxmetrics.engines.spark.session import (
    FAILURES,
    Session,
    SparkConnection,
    require_java,
    require_metastore,
    stamp,
)
from cxmetrics.errors import BuildFailed, CxError, NothingPublished, known


class SparkEngine(SparkQuoting):
    """Loads, runs and publishes in the metastore and the warehouse folder that the profile names."""

    name = "spark"
    dialect = "spark"
    double = "double"
    text = "string"
    build_prefix = BUILD_PREFIX
    failure = FAILURES
    history = None

    def __init__(self, project: Project, target: str, output: Mapping[str, Any]):
        self.project = project
        self.target = target
        if output.get("method") != "session":
            raise CxError("cxmetrics runs Spark in session mode only", got=output.get("method"), allowed=["session"])
        self.settings = closed(
            {str(key): str(value) for key, value in output.get("server_side_parameters", {}).items()}
        )
        self._session: Session | None = None
        self._keeps_session = False

    @property
    def folder(self) -> Path:
        """What this machine keeps for Spark: the load's own database, locks and the log."""
        return self.project.warehouse / "spark"

    @property
    def build_location(self) -> str:
        return self.settings.get(WAREHOUSE, "spark-warehouse")

    published_location = build_location

    @contextmanager
    def reserved(self) -> Iterator[list[str]]:
        """A lock in the warehouse. From metric values to publication one session is enough."""
        with exclusive(self.folder / "building.lock"):
            require_java()
            require_metastore(self.project.root, self.settings)
            self._keeps_session = True
            try:
                yield []
            finally:
                self._keeps_session = False
                self._end()

    @contextmanager
    def loading(self) -> Iterator[SparkLoading]:
        """Loads and checks in a DuckDB file beside the warehouse, and hands over when all of it is good.

        The file keeps the history of checks; raw rows leave it when they are handed over.
        """
        database = BuildDatabase(self.folder / "inputs.duckdb")
        with tempfile.TemporaryDirectory() as folder, database.load() as connection:
            loading = SparkLoading(connection, Path(folder).resolve())
            yield loading
            try:
                with self._running() as session:
                    loading.hand_over(session, Storage(session.spark))
            finally:
                # dbt is next, with a Java process of its own.
                self._end()

    @contextmanager
    def building(self) -> Iterator[SparkConnection]:
        """Runs statements one by one. Raises CxError when Spark cannot be started."""
        with self._running() as session:
            yield SparkConnection(session)

    # Spark has no transactions: what is half written lies in schemas that nobody reads.
    writing = building

    @contextmanager
    def published(self, writes: Path | None = None) -> Iterator[SparkConnection]:
        """Like ``building``; a build that begins meanwhile must wait for the metastore."""
        with self._running() as session:
            if not session.spark.catalog.tableExists("metrics.build_info"):
                step = f"cx build --target {self.target}"
                raise NothingPublished("nothing has been published yet", file=self.published_location, next_step=step)
            yield SparkConnection(session)

    def publish(self, publication: Publication) -> list[str]:
        """Copy what was built, then point the published views to the copy."""
        try:
            with self._running() as session:
                return publish_views(session, publication)
        except FAILURES as error:
            raise BuildFailed(
                f"the build could not be published: {str(error).splitlines()[0]}",
                file=self.published_location,
                next_step=f"cx build --target {self.target}",
            ) from error

    def write_parquet(self, connection: SparkConnection, query: str, file: Path) -> None:
        """Spark writes the file into the warehouse; this machine fetches it from there."""
        session = known(self._session)
        storage = Storage(session.spark)
        folder = storage.path("answers", stamp())
        try:
            session.sql(query).coalesce(1).write.parquet(folder)
            storage.fetch(folder, file)
        finally:
            storage.remove(folder)

    @contextmanager
    def _running(self) -> Iterator[Session]:
        if self._session is None:
            self._session = Session(self.project.root, self.settings, self.folder / "spark.log")
        try:
            yield self._session
        finally:
            if not self._keeps_session:
                self._end()

    def _end(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
