"""Files in Spark's warehouse folder, through Hadoop: a local folder, HDFS or an object store alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from cxmetrics.errors import known

WAREHOUSE = "spark.sql.warehouse.dir"


class Storage:
    """The warehouse folder of a session. Paths are whole addresses, as Spark takes them."""

    def __init__(self, spark: SparkSession):
        self._java = known(spark._jvm)
        self._configuration = spark._jsc.hadoopConfiguration()
        self._root = str(spark.conf.get(WAREHOUSE)).rstrip("/")

    def path(self, *parts: str) -> str:
        """The address of something below the warehouse folder."""
        return "/".join((self._root, *parts))

    def store(self, file: Path, path: str) -> None:
        """Copy a file of this machine into the warehouse."""
        target = self._path(path)
        self._system(target).copyFromLocalFile(False, True, self._local(file), target)

    def fetch(self, folder: str, file: Path) -> None:
        """Copy the only part of what Spark wrote to ``folder`` to a file of this machine."""
        pattern = self._path(f"{folder}/part-*")
        part = self._system(pattern).globStatus(pattern)[0].getPath()
        # Without the checksum that Hadoop puts beside a local file.
        self._system(pattern).copyToLocalFile(False, part, self._local(file), True)

    def names(self, folder: str) -> list[str]:
        """What lies in a folder, by its last name."""
        location = self._path(folder)
        system = self._system(location)
        return [found.getPath().getName() for found in system.listStatus(location)] if system.exists(location) else []

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with everything in it."""
        location = self._path(path)
        self._system(location).delete(location, True)

    def _local(self, file: Path) -> Any:
        # Hadoop takes an address as it stands: %20 would be three characters of the name.
        return self._path(f"file://{file.resolve()}")

    def _path(self, address: str) -> Any:
        return self._java.org.apache.hadoop.fs.Path(address)

    def _system(self, path: Any) -> Any:
        return path.getFileSystem(self._configuration)
