"""One build at a time, and what a dead one left."""

import getpass
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.exclusive import exclusive
from cxmetrics.errors import CxError
from support.full_disk import unwritable

HOLDER = """
import sys, time
from pathlib import Path
from cxmetrics.engines.exclusive import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "warehouse" / "build" / "building.lock"


@pytest.fixture
def engine(tmp_path: Path) -> DuckDBEngine:
    project = Project(tmp_path)
    project.warehouse = tmp_path / "warehouse"
    return DuckDBEngine(project)


def held(lock: Path) -> subprocess.Popen[str]:
    """A process that holds a lock until it is killed."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_who_holds_a_lock_and_since_when_is_said(lock: Path):
    before = time.time()
    with held(lock) as holder:
        with pytest.raises(CxError) as failed, exclusive(lock):
            pass
        holder.kill()
    said = re.fullmatch(
        r"another build is at work in this warehouse: process (\d+) of (.+) on (.+), since (.+) UTC", failed.value.what
    )
    assert said is not None
    assert said.groups()[:3] == (str(holder.pid), getpass.getuser(), socket.gethostname())
    since = time.mktime(time.strptime(said.group(4), "%Y-%m-%d %H:%M:%S")) - time.timezone
    assert before - 1 <= since <= time.time()
    assert failed.value.exit_code == 2
    assert "wait until it has ended" in failed.value.next_step


def test_the_lock_of_a_killed_process_is_taken_over(lock: Path):
    with held(lock) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert str(holder.pid) in lock.read_text()
    with exclusive(lock):
        assert f'"process": {os.getpid()}' in lock.read_text()
        assert str(holder.pid) not in lock.read_text()
    assert lock.read_text() == ""


def test_a_refused_build_leaves_the_name_of_the_holder(lock: Path):
    with exclusive(lock):
        text = lock.read_text()
        for _ in range(2):
            with pytest.raises(CxError, match=f"process {os.getpid()} of"), exclusive(lock):
                pass
        assert lock.read_text() == text


def test_a_holder_that_could_not_sign_still_holds(lock: Path):
    with exclusive(lock):
        lock.write_text("")
        with pytest.raises(CxError, match=r"at work in this warehouse\n"), exclusive(lock):
            pass


def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(tmp_path: Path, lock: Path):
    with (
        unwritable(tmp_path),
        pytest.raises(CxError, match="cannot write in the warehouse: ") as failed,
        exclusive(lock),
    ):
        pass
    assert failed.value.file == str(lock.parent)
    assert "CX_WAREHOUSE" in failed.value.next_step


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
