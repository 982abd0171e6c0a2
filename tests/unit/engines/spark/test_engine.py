"""Spark behind the interface of an engine, as far as it needs no Java."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError
from support.spark_place import require_spark


def test_only_a_session_of_this_machine_is_an_engine(tmp_path: Path):
    require_spark()
    from cxmetrics.engines.spark.engine import SparkEngine

    with pytest.raises(CxError, match="session mode only") as caught:
        SparkEngine(Project(tmp_path), "spark", {"method": "thrift"})
    assert (caught.value.got, caught.value.allowed) == ("thrift", ["session"])


def test_the_profile_says_where_the_warehouse_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    require_spark()
    from cxmetrics.engines.spark.engine import SparkEngine

    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    parameters = {"spark.sql.warehouse.dir": "hdfs://there/cx", "spark.ui.enabled": False}
    engine = SparkEngine(Project(tmp_path), "lake", {"method": "session", "server_side_parameters": parameters})
    assert engine.build_location == engine.published_location == "hdfs://there/cx"
    assert engine.settings["spark.ui.enabled"] == "False"
    assert engine.folder == tmp_path / "warehouse" / "spark"


def test_one_build_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    require_spark()
    from cxmetrics.engines.spark.engine import SparkEngine

    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path))
    engine = SparkEngine(Project(tmp_path), "spark", {"method": "session"})
    with engine.reserved() as notes, pytest.raises(CxError, match="another build is at work"), engine.reserved():
        pass
    assert notes == []
