"""Where a test runs the commands on Spark, with a warehouse, a metastore and a Spark configuration of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from support.workplace import Workplace, need

TARGET = ("--target", "spark")

# What Spark compiles and plans anew while it runs is for data that is larger than a test's: without it a build takes
# half the time.
DEFAULTS = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.constraintPropagation.enabled": "false",
}
# The quick compiler alone has room for 48 MB of machine code; a build fills them and would go on interpreted.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=512m -XX:+UseSerialGC"


def require_spark() -> None:
    """Skip without pyspark, dbt-spark or Java."""
    for module in ("pyspark", "dbt.adapters.spark"):
        need("spark", find_spec(module) is not None, "pip install 'cxmetrics[spark]'")
    java = shutil.which("java", path=f"{os.environ.get('JAVA_HOME', '')}/bin:{os.environ['PATH']}")
    need("spark", java is not None, "apt-get install default-jre-headless")


@dataclass(frozen=True)
class SparkPlace(Workplace):
    """A workplace whose Spark has this master."""

    master: str = "local[2]"

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {
            "CX_SPARK_MASTER": self.master,
            # As somebody sets it who runs plain dbt with workers; cx makes one of its own.
            "_SPARK_AUTH_SECRET": "only-for-tests",
            "CX_SPARK_PARTITIONS": "1" if self.master.startswith("local[") else "2",
            "SPARK_CONF_DIR": str(self._configuration()),
            "SPARK_HOME": str(self._home()),
            "JAVA_TOOL_OPTIONS": JAVA_OPTIONS,
        }

    @contextmanager
    def connected(self, *, published: bool = True) -> Iterator[Any]:
        """A connection of this process, and the engine it is of."""
        from cxmetrics.definitions.project import Project
        from cxmetrics.engines.registry import engine_for

        with pytest.MonkeyPatch.context() as patched:
            for name, value in self.environment.items():
                patched.setenv(name, value)
            engine = engine_for(Project.find(), "spark")
            with engine.published() if published else engine.building() as connection:
                yield connection, engine

    def _configuration(self) -> Path:
        folder = self.folder / "spark-conf"
        if not folder.exists():
            folder.mkdir(parents=True)
            lines = [f"{name} {value}\n" for name, value in DEFAULTS.items()]
            (folder / "spark-defaults.conf").write_text("".join(lines))
        return folder

    def _home(self) -> Path:
        """Spark as pip installed it; workers of a local cluster write into its folder, so this one has a folder."""
        import pyspark

        home = self.folder / "spark-home"
        if not home.exists():
            home.mkdir(parents=True)
            for name in ("bin", "jars"):
                (home / name).symlink_to(Path(pyspark.__file__).parent / name)
        return home
