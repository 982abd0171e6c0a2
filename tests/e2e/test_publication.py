"""A build that is killed, meets another one, a full disk or a read-only folder: what people read stays whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from cxmetrics.build.publish import publication
from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.duckdb.publication import verify
from support.full_disk import small_disk, unwritable
from support.programs import start_program
from support.workplace import ROOT, Workplace

CX = str(Path(sys.executable).with_name("cx"))


@pytest.fixture
def here(demo: Workplace, tmp_path: Path) -> Workplace:
    """A warehouse of its own in which the demo was built and published; dbt knows the project already."""
    shutil.copytree(demo.folder / "warehouse", tmp_path / "warehouse")
    shutil.copytree(demo.folder / "target", tmp_path / "target", ignore=shutil.ignore_patterns("site"))
    return Workplace(tmp_path, has_data_tests=False)


@pytest.fixture
def raw(demo: Workplace) -> Path:
    return demo.folder / "demo"


@pytest.fixture
def small_raw(workplace: Workplace) -> Path:
    """Fewer customers than what is published has: old and new can be told apart, and a build takes less time."""
    workplace.cx_succeeds("demo", "--customers", "60", "--out", workplace.folder / "small")
    return workplace.folder / "small"


@pytest.fixture
def started(here: Workplace) -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    """Starts a build as a process group of its own, which is gone at the end."""
    groups = []

    def start(raw: Path) -> subprocess.Popen[str]:
        with (here.folder / "build.txt").open("w") as output:
            process = start_program(
                [CX, "build", "--raw", str(raw)],
                cwd=ROOT, env=here.environment, stdout=output, stderr=output, text=True, start_new_session=True,
            )  # fmt: skip
        groups.append(process)
        return process

    yield start
    for process in groups:
        kill(process)


def kill(build: subprocess.Popen[str]) -> None:
    if build.poll() is None:
        os.killpg(build.pid, signal.SIGKILL)
        build.wait()


def await_(condition: Callable[[], object], build: subprocess.Popen[str]) -> None:
    while not condition():
        assert build.poll() is None, "the build ended too soon"
        time.sleep(0.002)


def customers(file: Path) -> int:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute("select count(*) from experience.dim_customers").fetchone()[0]


def require_whole(here: Workplace) -> None:
    """What is published is what was built."""
    project = Project(ROOT)
    project.warehouse = here.published.parent
    engine = DuckDBEngine(project)
    verify(engine.warehouse.build, engine.published_file, publication(project))


def test_killed_builds_leave_what_was_published_and_the_next_one_publishes_past_a_reader_that_never_closes(
    here: Workplace, small_raw: Path, started
):
    before = here.published.read_bytes()
    warehouse = here.published.parent
    log, unfinished = warehouse / "build" / "cx.duckdb.wal", "cx.duckdb.*.publishing"
    for moment in (lambda: (warehouse / "build" / "building.lock").read_text(), log.exists):
        build = started(small_raw)
        await_(moment, build)
        kill(build)
        assert here.published.read_bytes() == before
    (warehouse / "cx.duckdb.999999999.publishing").mkdir()
    (warehouse / "cx.duckdb.999999999.publishing" / "cx.duckdb").write_bytes(b"half")
    with duckdb.connect(str(here.published), read_only=True) as reader:
        build = started(small_raw)
        await_(lambda: [folder for folder in warehouse.glob(unfinished) if "999999999" not in folder.name], build)
        assert build.wait(timeout=60) == 0, (here.folder / "build.txt").read_text()
        assert reader.execute("select count(*) from experience.dim_customers").fetchone() == (500,)
    assert customers(here.published) == 60
    require_whole(here)
    assert sorted(file.name for file in warehouse.iterdir()) == ["build", "cx.duckdb", "kept", "reading"]
    assert sorted(file.name for file in (warehouse / "build").iterdir()) == ["building.lock", "cx.duckdb"]
    here.cx_succeeds("publish", "--rollback")
    assert here.published.read_bytes() == before


def test_a_second_build_is_told_who_builds_and_waits_for_nothing(here: Workplace, raw: Path, started):
    lock = here.published.parent / "build" / "building.lock"
    build = started(raw)
    await_(lambda: lock.exists() and lock.read_text(), build)
    for command in (("build", "--raw", raw), ("inputs", "--raw", raw), ("publish", "--rollback")):
        done = here.cx(*command)
        assert done.returncode == 2, done.stdout + done.stderr
        assert f"another build is at work in this warehouse: process {build.pid} of " in done.stderr
        assert "since 20" in done.stderr
    assert build.poll() is None


def test_a_full_disk_is_named_and_leaves_what_was_published(demo: Workplace, raw: Path, workplace: Workplace):
    disk = workplace.folder / "warehouse"
    with small_disk(disk, 400):
        shutil.copytree(demo.folder / "warehouse", disk, dirs_exist_ok=True)
        before = workplace.published.read_bytes()
        fill(disk / "filler")
        done = workplace.cx("build", "--raw", raw)
        assert done.returncode == 4, done.stdout + done.stderr
        assert "No space left on device" in done.stderr
        assert "make room" in done.stderr
        assert workplace.published.read_bytes() == before
        (disk / "filler").unlink()
        workplace.cx_succeeds("inputs", "--raw", raw)


def fill(file: Path) -> None:
    with pytest.raises(OSError, match="No space left"), file.open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(1 << 16))


@pytest.mark.parametrize("command", [("build",), ("inputs",), ("publish", "--rollback")])
def test_a_folder_that_cannot_be_written_is_named_and_leaves_what_was_published(
    here: Workplace, raw: Path, command: tuple[str, ...]
):
    before = here.published.read_bytes()
    arguments = ("--raw", raw) if command[0] != "publish" else ()
    with unwritable(here.published.parent):
        done = here.cx(*command, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "writable" in done.stderr
    assert here.published.read_bytes() == before
