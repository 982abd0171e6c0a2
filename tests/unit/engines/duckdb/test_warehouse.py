"""The files of a warehouse, and what a dead build left in them."""

import datetime
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.duckdb.warehouse import BuildDatabase, Warehouse, reading, room
from cxmetrics.errors import BuildFailed, CxError


@pytest.fixture
def engine(tmp_path: Path) -> DuckDBEngine:
    project = Project(tmp_path)
    project.warehouse = tmp_path / "warehouse"
    return DuckDBEngine(project)


@pytest.mark.parametrize("size", [0, 100, 8192])
def test_a_build_database_that_was_never_finished_is_set_aside(engine: DuckDBEngine, size: int):
    engine.build_file.parent.mkdir(parents=True)
    engine.build_file.write_bytes(b"\0" * size)
    engine.build_file.with_name("cx.duckdb.wal").write_bytes(b"log")
    with engine.reserved() as notes:
        assert len(notes) == 1
        assert "not a valid DuckDB database" in notes[0]
        assert "set aside" in notes[0]
        with engine.building() as connection:
            assert connection.execute("select count(*) from duckdb_tables()").fetchone() == (0,)
    assert engine.build_file.with_name("cx.duckdb.damaged").stat().st_size == size
    with engine.reserved() as notes:
        assert notes == []


def test_a_build_database_in_order_is_kept_and_spilled_files_of_a_killed_run_are_not(engine: DuckDBEngine):
    with engine.building() as connection:
        connection.execute("create table history as select 1 as a")
    spilled = engine.build_file.with_name("cx.duckdb.tmp")
    spilled.mkdir()
    (spilled / "duckdb_temp_block-1.block").write_bytes(b"rest")
    with engine.reserved() as notes, engine.building() as connection:
        assert notes == []
        assert connection.execute("select a from history").fetchone() == (1,)
    assert not spilled.exists()


def test_the_end_of_another_program_is_awaited_and_one_that_stays_is_named(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch
):
    engine.build_file.parent.mkdir(parents=True)
    monkeypatch.setattr("cxmetrics.engines.duckdb.warehouse.PATIENCE_SECONDS", 0.5)
    code = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(engine.build_file)], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        started = time.monotonic()
        with pytest.raises(CxError, match=f"PID {program.pid}") as failed, engine.reserved():
            pass
        assert time.monotonic() - started >= 0.5
        program.kill()
    assert "close the program that holds it" in failed.value.next_step
    with engine.reserved() as notes:
        assert notes == []
    assert duckdb.connect(str(engine.build_file)).execute("select 1").fetchone() == (1,)


def test_a_transaction_is_kept_as_a_whole_or_not_at_all(tmp_path: Path):
    build = BuildDatabase(tmp_path / "folder" / "build.duckdb")
    with build.transaction() as connection:
        connection.execute("create table kept as select 1 as a")
    with pytest.raises(KeyError), build.transaction() as connection:
        connection.execute("drop table kept")
        raise KeyError
    with build.connected() as connection:
        assert connection.execute("select table_name from duckdb_tables()").fetchall() == [("kept",)]


def test_days_begin_in_utc_whatever_the_zone_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        with BuildDatabase(tmp_path / "build.duckdb").connected() as connection:
            day = connection.execute("select cast(timestamptz '2024-01-01 00:30:00+00' as date)").fetchone()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert day == (datetime.date(2024, 1, 1),)


def test_both_files_have_one_catalogue_name_and_one_lock(tmp_path: Path):
    warehouse = Warehouse(tmp_path)
    assert warehouse.build.file.name == warehouse.published_file.name == "cx.duckdb"
    refused = pytest.raises(CxError, match="another build is at work")
    with warehouse.locked(), refused, Warehouse(tmp_path).locked():
        pass


def test_a_published_file_is_read_and_not_written(tmp_path: Path):
    with BuildDatabase(tmp_path / "cx.duckdb").connected() as connection:
        connection.execute("create table a as select 1 as b")
    refused = pytest.raises(duckdb.InvalidInputException, match="read-only")
    with reading(tmp_path / "cx.duckdb") as connection:
        assert connection.execute("from a").fetchall() == [(1,)]
        with refused:
            connection.execute("drop table a")
    with pytest.raises(CxError, match="cannot open the database"), reading(tmp_path / "none.duckdb"):
        pass


def test_only_an_error_about_room_is_one_of_the_disk():
    with pytest.raises(BuildFailed, match="No space left on device") as failed, room():
        raise duckdb.IOException("Could not write file: No space left on device\nmore")
    assert "make room" in failed.value.next_step
    with pytest.raises(duckdb.IOException, match="something else"), room():
        raise duckdb.IOException("something else")
