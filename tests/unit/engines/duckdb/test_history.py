"""The last three publications are kept, and one of them can be published again."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from cxmetrics.build.publish import publications, publish, roll_back
from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.duckdb.history import FOLDER
from cxmetrics.errors import BuildFailed, CxError
from support.full_disk import unwritable
from support.programs import start_program
from support.publishable import engine, published, published_on, set_sources

__all__ = ["engine"]

FIRST, SECOND, THIRD, FOURTH, FIFTH = (f"202601{day:02}T120000.000000Z" for day in range(1, 6))


def publish_on(engine: DuckDBEngine, project: Project, *days: int) -> None:
    """A publication on each of some days of January 2026; its ``sources`` say which."""
    for day in days:
        set_sources(engine, f"of day {day}")
        publish(project, engine)
        published_on(engine, day)


def sources(engine: DuckDBEngine) -> str:
    return published(engine, "select sources from metrics.build_info")[0][0]


def states(engine: DuckDBEngine) -> dict[str, str]:
    return {publication.name: publication.state for publication in publications(engine)}


def test_the_three_before_the_current_one_are_kept_the_latest_first(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1, 2, 3, 4, 5)
    found = publications(engine)
    assert [one.name for one in found] == [FIFTH, FOURTH, THIRD, SECOND]
    assert [one.state for one in found] == ["current", "kept", "kept", "kept"]
    assert [one.sources for one in found] == [f"of day {day}" for day in (5, 4, 3, 2)]
    assert found[1].published_at == "2026-01-04 12:00:00 UTC"
    # A kept file is opened as it is, and queries find the same names in it.
    with duckdb.connect(found[3].location, read_only=True) as connection:
        assert connection.execute("select count(*) from cx.service.fct_tickets").fetchone() == (43,)


def test_keeping_takes_no_room_where_files_can_be_linked(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1)
    inode = engine.published_file.stat().st_ino
    publish_on(engine, cx_project, 2)
    assert Path(publications(engine)[1].location).stat().st_ino == inode


def test_without_links_a_publication_is_kept_as_a_copy(
    engine: DuckDBEngine, cx_project: Project, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    publish_on(engine, cx_project, 1, 2)
    assert states(engine) == {SECOND: "current", FIRST: "kept"}
    roll_back(engine)
    assert sources(engine) == "of day 1"


def test_a_roll_back_goes_to_the_one_before_and_says_so(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1, 2, 3)
    before = Path(publications(engine)[1].location).read_bytes()
    current, instead_of = roll_back(engine)
    assert (current.name, current.state, current.sources) == (SECOND, "current", "of day 2")
    assert instead_of is not None
    assert (instead_of.name, instead_of.sources) == (THIRD, "of day 3")
    assert engine.published_file.read_bytes() == before
    assert states(engine) == {THIRD: "withdrawn", SECOND: "current", FIRST: "kept"}


def test_what_was_rolled_back_is_never_gone_to_unless_named(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1, 2, 3)
    roll_back(engine)
    publish_on(engine, cx_project, 4)
    assert states(engine) == {FOURTH: "current", THIRD: "withdrawn", SECOND: "kept", FIRST: "kept"}
    roll_back(engine)
    assert sources(engine) == "of day 2"
    roll_back(engine)
    assert sources(engine) == "of day 1"
    with pytest.raises(CxError, match="no earlier publication"):
        roll_back(engine)
    assert sources(engine) == "of day 1"
    assert states(engine) == {FOURTH: "withdrawn", THIRD: "withdrawn", SECOND: "withdrawn", FIRST: "current"}


def test_the_way_back_from_a_roll_back_is_by_name(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1, 2, 3)
    roll_back(engine)
    roll_back(engine, THIRD)
    assert sources(engine) == "of day 3"
    assert states(engine) == {THIRD: "current", SECOND: "kept", FIRST: "kept"}


def test_an_unknown_publication_is_answered_with_those_kept(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1, 2, 3)
    with pytest.raises(CxError) as failed:
        roll_back(engine, SECOND.replace("120000", "120001"))
    assert failed.value.allowed == [SECOND, FIRST]
    assert failed.value.nearest == SECOND
    assert sources(engine) == "of day 3"


@pytest.mark.parametrize("published_days", [[], [1]])
def test_without_an_earlier_publication_nothing_changes(
    engine: DuckDBEngine, cx_project: Project, published_days: list[int]
):
    publish_on(engine, cx_project, *published_days)
    with pytest.raises(CxError, match="no earlier publication") as failed:
        roll_back(engine)
    assert failed.value.exit_code == 2
    assert engine.published_file.exists() == bool(published_days)


def test_a_published_file_that_was_lost_comes_back(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1, 2)
    engine.published_file.unlink()
    current, instead_of = roll_back(engine)
    assert (current.name, instead_of) == (FIRST, None)


def test_a_kept_file_that_cannot_be_read_is_not_published(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1, 2)
    kept = Path(publications(engine)[1].location)
    kept.unlink()
    kept.write_bytes(b"no database")
    kept_on = published_on(engine, 2)
    with pytest.raises(CxError, match="cannot open"):
        roll_back(engine)
    assert sources(engine) == "of day 2"
    assert kept_on in states(engine)


def test_a_folder_that_cannot_be_written_leaves_what_is_published(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1, 2)
    with unwritable(engine.published_file.parent), pytest.raises(CxError, match=r"Read-only|denied") as failed:
        roll_back(engine)
    assert "writable" in failed.value.next_step
    assert sources(engine) == "of day 2"


def test_an_error_half_way_leaves_what_is_published(
    engine: DuckDBEngine, cx_project: Project, monkeypatch: pytest.MonkeyPatch
):
    publish_on(engine, cx_project, 1, 2)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(BuildFailed, match="No space left on device") as failed:
        patch.setattr(Path, "replace", refuse)
        roll_back(engine)
    assert "make room" in failed.value.next_step
    assert sources(engine) == "of day 2"
    # The current one was linked to be kept; it is not listed twice, and the next roll-back is not confused.
    assert states(engine) == {SECOND: "current", FIRST: "kept"}
    roll_back(engine)
    assert states(engine) == {SECOND: "withdrawn", FIRST: "current"}


def test_what_a_killed_run_left_among_the_kept_is_removed(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1)
    kept = engine.published_file.parent / FOLDER
    for name in ("20260101T000000.000000Z", "20251231T000000.000000Z"):
        (kept / name).mkdir(parents=True)
    shutil.copy(engine.published_file, kept / "20251231T000000.000000Z")
    publish_on(engine, cx_project, 2)
    assert sorted(folder.name for folder in kept.iterdir()) == ["20251231T000000.000000Z", FIRST]


def test_a_clock_that_was_put_back_does_not_change_the_order(engine: DuckDBEngine, cx_project: Project):
    set_sources(engine, "before")
    publish(cx_project, engine)
    ahead = time.time() + 86_400
    os.utime(engine.published_file, (ahead, ahead))
    set_sources(engine, "after")
    publish(cx_project, engine)
    assert [one.sources for one in publications(engine)] == ["after", "before"]
    roll_back(engine)
    assert sources(engine) == "before"


def test_a_program_that_holds_the_build_database_is_no_obstacle(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1, 2)
    code = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", code, str(engine.build_file)]
    with start_program(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "open\n"
        roll_back(engine)
        program.kill()
    assert sources(engine) == "of day 1"


def test_no_roll_back_while_a_build_is_at_work(engine: DuckDBEngine, cx_project: Project):
    publish_on(engine, cx_project, 1, 2)
    with engine.reserved(), pytest.raises(CxError, match="another build is at work"):
        roll_back(engine)
    assert sources(engine) == "of day 2"
