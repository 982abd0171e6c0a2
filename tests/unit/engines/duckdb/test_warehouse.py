"""The files of a warehouse, and what a dead build left in them."""

import datetime
import stat
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
import yaml

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.duckdb.warehouse import BuildDatabase, Warehouse, reading, room
from cxmetrics.errors import BuildFailed, CxError
from support.programs import start_program
from support.workplace import ROOT


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
    with start_program(
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
    with reading(tmp_path / "cx.duckdb") as reader:
        assert reader.execute("from a").fetchall() == [(1,)]
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            reader._connection.execute("drop table a")
    with pytest.raises(CxError, match="cannot open the database"), reading(tmp_path / "none.duckdb"):
        pass


def test_only_an_error_about_room_is_one_of_the_disk():
    with pytest.raises(BuildFailed, match="No space left on device") as failed, room():
        raise duckdb.IOException("Could not write file: No space left on device\nmore")
    assert "make room" in failed.value.next_step
    with pytest.raises(duckdb.IOException, match="something else"), room():
        raise duckdb.IOException("something else")


OUTSIDE = {
    "read": "select * from read_text('{file}')",
    "list": "select * from glob('{file}*')",
    "write": "copy (select 1) to '{file}.csv'",
    "attach": "attach '{file}.duckdb' as other",
    "set": "set enable_external_access = true",
    "unlock": "set lock_configuration = false",
    "install": "install httpfs",
}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that no connection has any business with."""
    file = tmp_path / "secret.txt"
    file.write_text("nobody reads this")
    return file


@pytest.mark.parametrize("statement", OUTSIDE.values(), ids=OUTSIDE)
def test_sql_reaches_no_file_and_no_setting(engine: DuckDBEngine, outside: Path, statement: str):
    with engine.building() as connection:
        connection.execute("create schema metrics; create table metrics.build_info as select 1 as a")
    with engine.building() as connection, pytest.raises(duckdb.Error):
        connection.execute(statement.format(file=outside))
    engine.published_file.write_bytes(engine.build_file.read_bytes())
    with engine.published() as reader, pytest.raises((duckdb.Error, CxError)):
        reader.execute(statement.format(file=outside))
    with engine.loading() as loading:
        loading.close_files()
        with pytest.raises(duckdb.Error):
            loading.execute(statement.format(file=outside))
    assert sorted(file.name for file in outside.parent.iterdir()) == ["secret.txt", "warehouse"]


@pytest.mark.parametrize(
    "sql",
    ["", "select 1; select 2", "create table a (b int)", "copy (select 1) to 'x.csv'", "begin"],
)
def test_readers_ask_one_query_at_a_time(engine: DuckDBEngine, sql: str):
    with engine.building() as connection:
        connection.execute("create table a as select 1 as b")
    with reading(engine.build_file) as reader:
        with pytest.raises(CxError, match="one query at a time"):
            reader.execute(sql)
        assert reader.execute("explain select b from a").fetchall()
        assert reader.execute("select b from a;").fetchall() == [(1,)]


def test_an_answer_is_written_to_the_named_file_alone(engine: DuckDBEngine, tmp_path: Path):
    with engine.building() as connection:
        connection.execute("create table a as select 1 as b")
    engine.published_file.write_bytes(engine.build_file.read_bytes())
    wanted, other = tmp_path / "answer.parquet", tmp_path / "other.parquet"
    for _ in range(2):
        with engine.published(wanted) as reader:
            engine.write_parquet(reader, "select b from a", wanted)
            for hostile in (f"select 1) to '{other}'; select (2", "select 1; select 2"):
                with pytest.raises((duckdb.Error, CxError)):
                    engine.write_parquet(reader, hostile, wanted)
        assert duckdb.read_parquet(str(wanted)).fetchall() == [(1,)]
    assert not other.exists()


def test_connections_of_one_process_to_one_file_stand_beside_each_other(engine: DuckDBEngine):
    with engine.building() as one, engine.building() as other:
        one.execute("create table a as select 1 as b")
        assert other.execute("select b, current_setting('TimeZone') from a").fetchall() == [(1, "UTC")]


def test_dbts_own_connection_reaches_no_file(outside: Path):
    settings = yaml.safe_load((ROOT / "profiles.yml").read_text())["cxmetrics"]["outputs"]["duckdb"]
    with duckdb.connect(config=settings["config_options"]) as connection, pytest.raises(duckdb.PermissionException):
        connection.execute("select * from read_text(?)", [str(outside)])


@pytest.mark.parametrize("is_old", [False, True], ids=["new", "of before"])
def test_no_other_user_gets_at_what_is_built(engine: DuckDBEngine, is_old: bool):
    folder = engine.build_file.parent
    if is_old:
        folder.mkdir(parents=True)
        duckdb.connect(str(engine.build_file)).close()
        folder.chmod(0o755)
        engine.build_file.chmod(0o644)
    with engine.building() as connection:
        connection.execute("create table a as select 1 as b")
        assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, engine.build_file)] == [0o700, 0o600]
