import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cxmetrics.engines.duckdb import DuckDBEngine
from cxmetrics.errors import BuildFailed
from cxmetrics.project import Project
from cxmetrics.publish import publish
from cxmetrics.values import COLUMNS, metric_values_sql
from facts import built


@pytest.fixture
def engine(tmp_path: Path, cx_project: Project) -> DuckDBEngine:
    """A build with one metric's values, ready to be published."""
    engine = built(cx_project, tmp_path / "warehouse")
    with engine.building() as connection:
        connection.execute("create schema raw_canonical; create table raw_canonical.tickets as select 'secret' as body")
        connection.execute("create view service.looking_in as from raw_canonical.tickets")
        connection.execute(
            "create table metrics.measured_values as select 'reopen_rate' as metric, 'month' as grain,"
            " date '2026-01-01' as period_start, 'all' as slice, 'all' as slice_value, 0.1 as value, 40 as n,"
            " 0.0 as ci_low, 0.2 as ci_high"
        )
        values = metric_values_sql([cx_project.metrics()["reopen_rate"]], engine)
        connection.execute(f"create table metrics.metric_values as {values}")
        connection.execute("drop table metrics.measured_values")
    return engine


def published(engine: DuckDBEngine, query: str) -> list[tuple]:
    with engine.published() as connection:
        return connection.execute(query).fetchall()


def test_marts_and_metrics_are_published_and_nothing_else(engine: DuckDBEngine, cx_project: Project):
    assert publish(cx_project, engine) == []
    tables = published(engine, "select table_schema || '.' || table_name from information_schema.tables")
    assert {("service.fct_tickets",), ("metrics.metric_values",), ("metrics.dim_dates",)} <= set(tables)
    assert not [name for (name,) in tables if name.split(".")[0] not in ("service", "experience", "journey", "metrics")]
    assert ("service.looking_in",) not in tables
    assert published(engine, 'select count(*) from "cx"."service"."fct_tickets"') == [(43,)]
    assert {file.name for file in engine.published_file.parent.iterdir()} == {"build", "cx.duckdb"}


def test_columns_are_published_with_their_descriptions(engine: DuckDBEngine, cx_project: Project):
    publish(cx_project, engine)
    comments = dict(
        published(engine, "select table_name || '.' || column_name, comment from duckdb_columns() where comment <> ''")
    )
    assert comments["metric_values.n"] == COLUMNS["n"]
    described = cx_project.models()["fct_tickets"].column("is_reopened").description
    assert comments["fct_tickets.is_reopened"] == described


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
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
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
    ended = subprocess.Popen([sys.executable, "-c", ""])
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


def test_a_build_without_metric_values_is_not_published(engine: DuckDBEngine, cx_project: Project):
    publish(cx_project, engine)
    before = engine.published_file.read_bytes()
    with engine.building() as connection:
        connection.execute("delete from metrics.metric_values")
    with pytest.raises(BuildFailed, match="has no row"):
        publish(cx_project, engine)
    with engine.building() as connection:
        connection.execute("drop table metrics.metric_values")
    with pytest.raises(BuildFailed, match="missing from the build"):
        publish(cx_project, engine)
    assert engine.published_file.read_bytes() == before
    assert not list(engine.published_file.parent.glob("*.publishing"))


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


def test_a_folder_in_the_place_of_the_file_is_no_traceback(engine: DuckDBEngine, cx_project: Project):
    engine.published_file.mkdir()
    with pytest.raises(BuildFailed) as failed:
        publish(cx_project, engine)
    assert failed.value.exit_code == 4
