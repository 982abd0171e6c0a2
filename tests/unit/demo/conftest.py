from pathlib import Path

import duckdb
import pytest

from cxmetrics.demo.entities import COLUMNS
from cxmetrics.demo.generate import Demo, make_demo


@pytest.fixture(scope="session")
def small() -> Demo:
    return Demo(customers=300, seed=7)


@pytest.fixture(scope="session")
def small_folder(small: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "small"
    make_demo(small, folder, threads=2)
    return folder


@pytest.fixture
def data(small_folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with one table per entity of the small demo, for one test to query and to spoil."""
    connection = duckdb.connect()
    for entity in COLUMNS:
        connection.read_parquet(str(small_folder / f"{entity}.parquet")).create(entity)
    yield connection
    connection.close()
