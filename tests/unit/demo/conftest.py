from pathlib import Path

import duckdb
import pytest

from cxmetrics.demo.entities import COLUMNS
from cxmetrics.demo.generate import Demo, make_demo
from support.parsed_project import ROOT


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


def planted(folder: Path, plant: str, effect: float | None = None) -> duckdb.DuckDBPyConnection:
    make_demo(Demo(customers=600, seed=7, plant=plant, effect=effect), folder, threads=2)
    connection = duckdb.connect()
    for entity in COLUMNS:
        connection.read_parquet(str(folder / f"{entity}.parquet")).create(entity)
    connection.read_csv(str(ROOT / "seeds" / "contact_reasons.csv")).create("reasons")
    return connection


@pytest.fixture(scope="session")
def planted_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("planted")


@pytest.fixture(scope="session")
def onboarding(planted_folder: Path) -> duckdb.DuckDBPyConnection:
    """The entities of a demo with friction at onboarding, and the contact reasons. Read only."""
    return planted(planted_folder / "onboarding", "onboarding", 0.3)


@pytest.fixture(scope="session")
def nothing(planted_folder: Path) -> duckdb.DuckDBPyConnection:
    """The same demo with nothing planted."""
    return planted(planted_folder / "nothing", "none")
