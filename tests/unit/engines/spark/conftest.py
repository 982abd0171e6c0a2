"""One Spark session for all tests of a worker: to start one takes some ten seconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support.spark_place import require_spark

if TYPE_CHECKING:
    from cxmetrics.engines.spark.session import Session


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session with a warehouse and a metastore of its own."""
    require_spark()
    from cxmetrics.engines.spark.network import closed
    from cxmetrics.engines.spark.session import METASTORE, Session

    folder = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.master": "local[1]",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        METASTORE: f"jdbc:derby:;databaseName={folder}/metastore;create=true",
    }
    running = Session(folder, closed(settings), folder / "spark.log")
    try:
        yield running
    finally:
        running.close()
