"""The published file: whole whenever it is read, whatever becomes of whoever writes it."""

import os
import random
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from cxmetrics.build.publish import publication, publish
from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb import publication as duckdb_publication
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.duckdb.warehouse import BuildDatabase
from cxmetrics.errors import BuildFailed, CxError
from support.full_disk import unwritable
from support.programs import start_program
from support.publishable import engine, published

__all__ = ["engine"]

# Reads until a file called "stop" appears; prints how often. A connection that is held sees the file it opened, a new
# one in the same process would share it, so each way of reading has a process of its own.
READER = """
import sys, time
from pathlib import Path
import duckdb
file, stop, holds = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "hold"
reads, connection = 0, duckdb.connect(file, read_only=True)
while not stop.exists():
    assert connection.execute("select count(*) from service.fct_tickets").fetchone() == (43,)
    assert connection.execute("select count(*) from metrics.metric_values").fetchone()[0] > 0
    reads += 1
    print("ready", flush=True) if reads == 1 else None
    if not holds:
        connection.close()
        connection = duckdb.connect(file, read_only=True)
print(reads)
"""


@pytest.mark.parametrize("way", ["hold", "open anew"])
def test_a_reader_never_fails_while_new_files_are_published(
    tmp_path: Path, engine: DuckDBEngine, cx_project: Project, way: str
):
    publish(cx_project, engine)
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", READER, str(engine.published_file), str(stop), way]
    with start_program(command, stdout=subprocess.PIPE, text=True) as reader:
        try:
            assert reader.stdout.readline() == "ready\n"
            for _ in range(20):
                publish(cx_project, engine)
        finally:
            stop.touch()
        reads = reader.stdout.read()
    assert reader.returncode == 0
    assert int(reads) > 1


def test_what_a_killed_run_left_is_removed_and_a_running_one_is_left_alone(engine: DuckDBEngine, cx_project: Project):
    ended = start_program([sys.executable, "-c", ""])
    ended.wait()
    warehouse = engine.published_file.parent
    killed = warehouse / f"cx.duckdb.{ended.pid}.publishing"
    running = warehouse / f"cx.duckdb.{os.getppid()}.publishing"
    for folder in (killed, running):
        folder.mkdir()
        (folder / "cx.duckdb").write_bytes(b"half")
        (folder / "cx.duckdb.wal").write_bytes(b"half")
    publish(cx_project, engine)
    assert not killed.exists()
    assert running.exists()


def test_a_log_of_the_old_file_is_not_left_to_the_new_one(engine: DuckDBEngine, cx_project: Project):
    log = engine.published_file.with_name("cx.duckdb.wal")
    log.write_bytes(b"of the old file")
    publish(cx_project, engine)
    assert not log.exists()
    assert published(engine, "select count(*) > 0 from metrics.metric_values") == [(True,)]


def test_a_full_disk_leaves_what_was_published_before(engine: DuckDBEngine, cx_project: Project):
    publish(cx_project, engine)
    before = engine.published_file.read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        with pytest.raises(BuildFailed, match="could not be published") as failed:
            publish(cx_project, engine)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert "make room" in failed.value.next_step
    assert engine.published_file.read_bytes() == before
    assert not list(engine.published_file.parent.glob("*.publishing"))


def test_a_read_only_folder_leaves_what_was_published_before(engine: DuckDBEngine, cx_project: Project):
    publish(cx_project, engine)
    before = engine.published_file.read_bytes()
    with unwritable(engine.published_file.parent), pytest.raises(CxError, match=r"Read-only|denied") as failed:
        publish(cx_project, engine)
    assert "writable" in failed.value.next_step
    assert engine.published_file.read_bytes() == before
    publish(cx_project, engine)


def test_a_published_file_is_for_reading_only(engine: DuckDBEngine, cx_project: Project):
    publish(cx_project, engine)
    publish(cx_project, engine)
    files = [engine.published_file, *engine.published_file.parent.glob("kept/*/cx.duckdb")]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o444, 0o444]


def test_a_copy_that_differs_from_the_build_is_not_published(
    engine: DuckDBEngine, cx_project: Project, monkeypatch: pytest.MonkeyPatch
):
    publish(cx_project, engine)
    before = engine.published_file.read_bytes()
    copied = duckdb_publication._copy
    for change, problem in (
        (
            "delete from service.fct_tickets where ticket_id = 'J0'",
            "service.fct_tickets has 42 rows in the copy and 43",
        ),
        ("update service.fct_tickets set channel = 'fax' where ticket_id = 'J1'", "the copy of service.fct_tickets"),
        ("drop table experience.dim_customers", "experience.dim_customers is missing"),
    ):

        def spoilt(build: BuildDatabase, copy: Path, publication: object, change: str = change) -> list[str]:
            notes = copied(build, copy, publication)
            with duckdb.connect(str(copy)) as connection:
                connection.execute(change)
            return notes

        monkeypatch.setattr(duckdb_publication, "_copy", spoilt)
        with pytest.raises(BuildFailed, match=problem):
            publish(cx_project, engine)
        assert engine.published_file.read_bytes() == before
        assert sorted(file.name for file in engine.published_file.parent.iterdir()) == ["build", "cx.duckdb"]


# Publishes for ever; prints when it begins.
PUBLISHER = """
import sys
from pathlib import Path
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.definitions.project import Project
from cxmetrics.build.publish import publish
project = Project(Path(sys.argv[1]))
engine = DuckDBEngine(project)
print("ready", flush=True)
while True:
    with engine.reserved():
        publish(project, engine)
"""


def test_a_publication_killed_at_any_moment_leaves_a_whole_file_and_the_next_one_cleans_up(
    engine: DuckDBEngine, cx_project: Project
):
    publish(cx_project, engine)
    warehouse, draws, started = engine.published_file.parent, random.Random(7), time.monotonic()  # noqa: S311 (to be drawn again)
    publish(cx_project, engine)
    seconds = time.monotonic() - started
    for _ in range(8):
        command = [sys.executable, "-c", PUBLISHER, str(cx_project.root)]
        environment = os.environ | {"CX_WAREHOUSE": str(warehouse)}
        with start_program(command, stdout=subprocess.PIPE, text=True, env=environment) as publisher:
            assert publisher.stdout.readline() == "ready\n"
            time.sleep(draws.uniform(0, 3 * seconds))
            publisher.kill()
        assert publisher.returncode == -signal.SIGKILL
        duckdb_publication.verify(engine.warehouse.build, engine.published_file, publication(cx_project))
    with engine.reserved():
        for _ in range(3):
            publish(cx_project, engine)
    assert sorted(file.name for file in warehouse.iterdir()) == ["build", "cx.duckdb", "kept"]
    assert len(list((warehouse / "kept").iterdir())) == 3
    assert sorted(file.name for file in (warehouse / "build").iterdir()) == ["building.lock", "cx.duckdb"]


def test_a_folder_in_the_place_of_the_file_is_no_traceback(engine: DuckDBEngine, cx_project: Project):
    engine.published_file.mkdir()
    with pytest.raises(BuildFailed) as failed:
        publish(cx_project, engine)
    assert failed.value.exit_code == 4
