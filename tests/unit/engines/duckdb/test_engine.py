"""DuckDB behind the interface of an engine."""

from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.errors import CxError, NothingPublished


@pytest.fixture
def engine(tmp_path: Path) -> DuckDBEngine:
    project = Project(tmp_path)
    project.warehouse = tmp_path / "warehouse"
    return DuckDBEngine(project)


def test_both_files_lie_in_the_warehouse_of_the_project(engine: DuckDBEngine, tmp_path: Path):
    assert engine.build_location == str(tmp_path / "warehouse" / "build" / "cx.duckdb")
    assert engine.published_location == str(tmp_path / "warehouse" / "cx.duckdb")


def test_nothing_is_published_at_first_and_looking_makes_no_file(engine: DuckDBEngine, tmp_path: Path):
    with pytest.raises(NothingPublished) as caught, engine.published():
        pass
    assert caught.value.next_step == "cx build"
    assert list(tmp_path.iterdir()) == []


def test_a_load_that_fails_leaves_the_one_before(engine: DuckDBEngine):
    with engine.loading() as loading:
        loading.create_table("raw_shop", "things", {"id": "bigint"})
        loading.append("raw_shop", "things", "select 1")
    with pytest.raises(KeyError), engine.loading() as loading:
        loading.create_table("raw_shop", "things", {"id": "bigint"})
        raise KeyError
    with engine.building() as connection:
        assert connection.execute("from raw_shop.things").fetchall() == [(1,)]


def test_one_build_at_a_time(engine: DuckDBEngine):
    with engine.reserved() as notes, pytest.raises(CxError, match="another build is at work"), engine.reserved():
        pass
    assert notes == []


def test_an_answer_is_written_as_parquet_to_any_file_name(engine: DuckDBEngine, tmp_path: Path):
    file = tmp_path / "it's \\ here.parquet"
    with engine.building() as connection:
        connection.execute("create table a as select 1 as a, 'x' as b")
    engine.published_file.write_bytes(engine.build_file.read_bytes())
    with engine.published(file) as reader:
        engine.write_parquet(reader, "select a, b from a", file)
    assert duckdb.read_parquet(str(file)).fetchall() == [(1, "x")]
