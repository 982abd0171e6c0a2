"""A Spark session of our own: one Java process, started for what has to be done and gone afterwards.

dbt builds in a process of its own, and a Derby metastore belongs to one Java process at a time, so ours has ended
before dbt's starts, and the other way round.
"""

from __future__ import annotations

import datetime
import fcntl
import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import DataFrame, SparkSession, functions

from cxmetrics.errors import CxError

# What a session raises for SQL that cannot be run.
FAILURES = (PySparkException, Py4JError)
DERBY = "jdbc:derby:"
METASTORE = "spark.hadoop.javax.jdo.option.ConnectionURL"
# A text in SQL is a text: ${env:HOME} in it would be replaced, and its escapes are those that SparkQuoting writes.
FIXED = {"spark.sql.variable.substitute": "false", "spark.sql.parser.escapedStringLiterals": "false"}
# dbt's Java process ends some moments after dbt.
PATIENCE_SECONDS = 15.0
GRACE_SECONDS = 30.0


class Session:
    """A running session with the settings of the profile, the same that dbt's has."""

    def __init__(self, root: Path, settings: Mapping[str, str], log: Path):
        require_java()
        require_metastore(root, settings)
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._gateway, self.spark = _started(root, settings, log)
        except Exception as error:
            raise _failed(error, log) from error

    def sql(self, query: str) -> DataFrame:
        """The rows of a query, not read yet; a statement is executed at once."""
        return self.spark.sql(query)

    def close(self) -> None:
        """End the Java process, and wait until it has let go of the metastore."""
        process = self._gateway.proc
        with suppress(Py4JError, OSError):
            self.spark.stop()
        with suppress(Py4JError, OSError):
            self._gateway.shutdown()
        # pyspark would go on with the gateway that has ended.
        SparkContext._gateway = SparkContext._jvm = None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class SparkConnection:
    """``execute`` on a session, with answers as every engine gives them."""

    def __init__(self, session: Session):
        self._session = session

    def execute(self, sql: str) -> SparkAnswer:
        """Run SQL. Raises AnalysisException for what cannot be understood.

        Explaining a query only analyses it: Spark's own ``explain`` answers with an error as if it were a plan.
        """
        return SparkAnswer(self._session.sql(sql.removeprefix("explain ")))


class SparkAnswer:
    """The rows of a query as tuples. Timestamps are naive UTC, whatever the zone of this machine."""

    def __init__(self, frame: DataFrame):
        self._frame = frame
        self._unread: Iterator[tuple[Any, ...]] | None = None

    @property
    def description(self) -> list[tuple[str, str]]:
        """Name and type of each column."""
        return [(str(name), str(data_type)) for name, data_type in self._frame.dtypes]

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, None after the last one."""
        return next(self._rows(), None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that have not been fetched yet."""
        return list(self._rows())

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        if self._unread is None:
            self._unread = iter([tuple(row) for row in _without_zone(self._frame).collect()])
        return self._unread


def _without_zone(frame: DataFrame) -> DataFrame:
    """Spark gives Python a timestamp in the zone of the machine; one without a zone stays as it is, in UTC."""
    if all(data_type != "timestamp" for _, data_type in frame.dtypes):
        return frame
    columns = [f"column_{index}" for index in range(len(frame.dtypes))]
    types = [data_type for _, data_type in frame.dtypes]
    return frame.toDF(*columns).select(
        *(
            functions.col(name).cast("timestamp_ntz") if data_type == "timestamp" else functions.col(name)
            for name, data_type in zip(columns, types, strict=True)
        )
    )


def stamp() -> str:
    """The moment, as a part of names that sort by time."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y%m%d%H%M%S%f")


def require_java() -> None:
    """Raises CxError when there is no Java where Spark looks for it."""
    home = os.environ.get("JAVA_HOME")
    if home and not os.access(Path(home) / "bin" / "java", os.X_OK):
        raise CxError("Spark needs Java, and JAVA_HOME has none", got=home, next_step="correct or unset JAVA_HOME")
    if not home and shutil.which("java") is None:
        raise CxError(
            "Spark needs Java 17 or newer, which is not installed", next_step="apt-get install default-jre-headless"
        )


def require_metastore(root: Path, settings: Mapping[str, str]) -> None:
    """Wait until no other process holds the Derby metastore. Raises CxError when one does not let go of it.

    A metastore that is a server takes any number of processes.
    """
    folder = _derby_folder(root, settings)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while folder is not None and _is_held(folder / "dbex.lck"):
        if time.monotonic() > deadline:
            raise CxError(
                "another process holds Spark's metastore",
                file=folder,
                next_step="wait until it has ended, then run the command again",
            )
        time.sleep(0.1)


def _derby_folder(root: Path, settings: Mapping[str, str]) -> Path | None:
    address = settings.get(METASTORE, "")
    if not address.startswith(DERBY):
        return None
    properties = dict(part.split("=", 1) for part in address.removeprefix(DERBY).split(";") if "=" in part)
    return root / properties.get("databaseName", "metastore_db")


def _is_held(lock: Path) -> bool:
    """Derby holds a lock of the operating system on this file for as long as its process lives."""
    try:
        with lock.open("r+") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _started(root: Path, settings: Mapping[str, str], log: Path) -> tuple[Any, SparkSession]:
    configuration = SparkConf().setAll([*settings.items(), *FIXED.items(), ("spark.sql.catalogImplementation", "hive")])
    # What Java says is for the log. dbt runs in the root too, so that a relative path means the same in both.
    with log.open("w") as said:
        options = {"stdout": said, "stderr": said, "cwd": str(root)}
        gateway = launch_gateway(configuration, options)
    SparkContext(conf=configuration, gateway=gateway)
    spark = SparkSession.builder.getOrCreate()
    # The metastore is opened by the first question about it.
    spark.sql("show databases").collect()
    return gateway, spark


def _failed(error: Exception, log: Path) -> CxError:
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    if "UnsupportedClassVersionError" in said:
        return CxError("Spark needs a newer Java", next_step="install Java 17 or newer, or set JAVA_HOME to it")
    lines = [line.strip() for line in (str(error) or said).strip().splitlines() if line.strip()]
    reason = lines[0] if lines else type(error).__name__
    return CxError(f"Spark could not be started: {reason}", file=log, next_step="the file says why")
