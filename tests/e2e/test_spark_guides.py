"""What the guides say of Spark runs as written."""

from __future__ import annotations

from pathlib import Path

from support.guide_states import small_project
from support.guides import Reader, parts_run_by
from support.spark_place import SparkPlace, require_spark


def test_the_steps_on_spark_run_as_written(tmp_path: Path):
    require_spark()
    small_project(tmp_path / "project")
    variables = SparkPlace(tmp_path).environment
    settings = {name: variables[name] for name in ("SPARK_CONF_DIR", "SPARK_HOME", "JAVA_TOOL_OPTIONS")}
    # What is local listens where nobody else does, and plans little for little data.
    reader = Reader(tmp_path / "project", **settings, CX_SPARK_MASTER="local[2]", CX_SPARK_PARTITIONS="1")
    for part in parts_run_by("test_spark_guides.py"):
        reader.follow(part.steps)
