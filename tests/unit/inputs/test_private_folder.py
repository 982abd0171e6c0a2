"""Copies of raw files lie in a folder that nobody else may enter, and do not outlive the next run."""

from __future__ import annotations

import os
import signal
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from cxmetrics.errors import CxError
from cxmetrics.inputs.private_folder import private_folder
from support.programs import run_program
from support.raw_inputs import HEADER, Inputs

KILLED = """
import os, signal, sys, tempfile
from pathlib import Path
from cxmetrics.definitions.project import Project
from cxmetrics.engines.registry import engine_for
from cxmetrics.inputs import files
from cxmetrics.inputs.run import load_inputs

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

files.text_files.scan = die
project = Project(Path(sys.argv[1]))
load_inputs(project, engine_for(project), ["shop"], Path(sys.argv[2]))
"""


def test_nobody_else_may_enter_it_and_it_is_gone_afterwards(tmp_path: Path):
    (tmp_path / "reading").mkdir(mode=0o777)
    with private_folder(tmp_path) as folder:
        assert folder.parent == tmp_path / "reading"
        assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    assert [path.name for path in (tmp_path / "reading").iterdir()] == ["lock"]


def test_what_a_run_left_is_removed_unless_one_is_still_at_work(tmp_path: Path):
    with private_folder(tmp_path) as killed:
        left = killed.with_name("cx-left")
        left.mkdir()
        (left / "copy.csv").write_text("Erika")
    with private_folder(tmp_path) as first:
        assert sorted(path.name for path in first.parent.iterdir()) == sorted(["lock", first.name])
        (first / "copy.csv").write_text("in use")
        with private_folder(tmp_path) as second:
            assert (first / "copy.csv").read_text() == "in use"
            assert second != first
    assert tmp_path.is_dir()


@pytest.mark.parametrize("is_link", [True, False])
def test_a_folder_of_somebody_else_is_neither_emptied_nor_closed(tmp_path: Path, is_link: bool):
    theirs = tmp_path / "theirs" if is_link else tmp_path / "reading"
    theirs.mkdir(mode=0o755)
    (theirs / "book").write_text("mine")
    if is_link:
        (tmp_path / "reading").symlink_to(theirs)
    with pytest.raises(CxError, match="not its own"), private_folder(tmp_path):
        pass
    assert (theirs / "book").read_text() == "mine"
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o755


def test_only_what_a_run_left_is_removed(tmp_path: Path):
    with private_folder(tmp_path) as folder:
        (folder.parent / "cx-killed").mkdir()
        (folder.parent / "other").mkdir()
    with private_folder(tmp_path) as folder:
        assert {path.name for path in folder.parent.iterdir()} == {"lock", "other", folder.name}


def test_a_warehouse_that_cannot_be_written_is_said(tmp_path: Path):
    (tmp_path / "reading").write_text("a file")
    with pytest.raises(CxError, match="cannot write in the warehouse"), private_folder(tmp_path):
        pass


def test_a_killed_load_leaves_no_column_that_nobody_declared_and_nothing_after_the_next(
    shop: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    secret, name = "4111 1111 1111 1111", "Mustermann"
    text = HEADER.strip() + f",name,card\n1,2024-01-01,open,1,{name},{secret}\n"
    (shop.raw / "tickets.csv").write_bytes(text.encode("utf-16"))
    killed = run_program(
        [sys.executable, "-c", KILLED, shop.project.root, shop.raw],
        env=os.environ | {"TMPDIR": str(elsewhere)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert list(elsewhere.iterdir()) == []
    (copy,) = (shop.project.warehouse / "reading").rglob("*.csv")
    left = copy.read_text()
    assert "1,2024-01-01,open,1," in left
    assert name not in left and secret not in left and "4111" not in left
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    assert shop.load().tables[0].raw == 1
    assert [path.name for path in (shop.project.warehouse / "reading").iterdir()] == ["lock"]
    assert list(elsewhere.iterdir()) == []
