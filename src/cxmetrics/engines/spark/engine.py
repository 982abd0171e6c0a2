"""Spark: one Java process on this machine or a cluster, which of them is said by the profile.

DuckDB reads, types and checks the files for every engine; here it also hands them over, as Parquet. dbt builds
``build_service`` and its like as Parquet tables; what is published are views, named ``service`` and its like, of a copy
that nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from cxmetrics.engines.duckdb.engine import DuckDBEngine, DuckDBLoading
from cxmetrics.engines.exclusive import exclusive
from cxmetrics.engines.interface import BUILD_PREFIX, Publication
from cxmetrics.engines.spark.files import WAREHOUSE, Storage
from cxmetrics.engines.spark.session import Session, SparkConnection, require_java, require_metastore, stamp
from cxmetrics.errors import CxError, NothingPublished

if TYPE_CHECKING:
    from cxmetrics.definitions.project import Project


class SparkEngine:
    """Loads, runs and publishes in the metastore and the warehouse folder that the profile names."""

    name = "spark"
    dialect = "spark"
    double = "double"
    text = "string"
    build_prefix = BUILD_PREFIX
    failure = (PySparkException, Py4JError)
    history = None

    def __init__(self, project: Project, target: str, output: Mapping[str, Any]):
        self.project = project
        self.target = target
        if output.get("method") != "session":
            raise CxError("cxmetrics runs Spark in session mode only", got=output.get("method"), allowed=["session"])
        self.settings = {str(name): str(value) for name, value in output.get("server_side_parameters", {}).items()}
        self._session: Session | None = None
        self._keeps_session = False

    @property
    def folder(self) -> Path:
        """What this machine keeps for Spark: the load's own database, locks and the log."""
        return self.project.warehouse / "spark"

    @property
    def build_place(self) -> str:
        return self.settings.get(WAREHOUSE, "spark-warehouse")

    published_place = build_place

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
    def loading(self) -> Iterator[DuckDBLoading]:
        """Loads and checks in a DuckDB file beside the warehouse, and hands over when all of it is good."""
        from cxmetrics.engines.spark.loading import SparkLoading

        with _LoadFile(self.project).writing() as connection:
            loading = SparkLoading(connection)
            yield loading
            try:
                with self._running() as session:
                    loading.hand_over(session, self.storage(session))
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
    def published(self) -> Iterator[SparkConnection]:
        """Like ``building``; a build that begins meanwhile must wait for the metastore."""
        with self._running() as session:
            if not session.spark.catalog.tableExists("metrics.build_info"):
                step = f"cx build --target {self.target}"
                raise NothingPublished("nothing has been published yet", file=self.published_place, next_step=step)
            yield SparkConnection(session)

    def publish(self, publication: Publication) -> list[str]:
        """Copy what was built, then point the published views to the copy."""
        from cxmetrics.engines.spark.publication import publish_views

        with self._running() as session:
            return publish_views(self, session, publication)

    def write_parquet(self, connection: SparkConnection, query: str, file: Path) -> None:
        """Spark writes the file into the warehouse; this machine fetches it from there."""
        assert self._session is not None
        storage = self.storage(self._session)
        folder = storage.path("answers", stamp())
        try:
            self._session.sql(query).coalesce(1).write.parquet(folder)
            storage.fetch(folder, file)
        finally:
            storage.remove(folder)

    @staticmethod
    def literal(text: str) -> str:
        """``text`` as a string constant for SQL."""
        return literal(text)

    @staticmethod
    def relation(schema: str, table: str) -> str:
        """``schema.table`` quoted for SQL."""
        return f"{identifier(schema)}.{identifier(table)}"

    def storage(self, session: Session) -> Storage:
        """The warehouse folder, wherever it is."""
        return Storage(session.spark)

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


class _LoadFile(DuckDBEngine):
    """Where files are read and checked. Keeps the history of checks; raw rows leave it when they are handed over."""

    @property
    def build_file(self) -> Path:
        return self.project.warehouse / "spark" / "inputs.duckdb"


def identifier(name: str) -> str:
    """``name`` quoted for SQL."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """``text`` as a string constant for SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
