"""Folders in which somebody begins to follow a guide."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import chaos
from support.catalogue import copy_catalogue
from support.guides import Command, Reader
from support.workplace import ROOT, Workplace

BENCHES = ("Makefile", "bench", "pyproject.toml", "requirements.txt", "requirements-dev.txt")


def small_project(root: Path) -> Reader:
    """All models, a few metrics and the raw files of some customers: a build takes seconds."""
    root.mkdir(parents=True)
    chaos.copy_project(root, is_whole=False)
    reader = Reader(root)
    reader.type(Command("the raw files", "cx demo --customers 60 --out raw", ()))
    return reader


@pytest.fixture(scope="session")
def built(made_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """A small project and what a build of it leaves. Read only."""

    def make(folder: Path) -> None:
        small_project(folder / "project").type(Command("the build", "cx build", ()))

    return made_once("guides", make) / "project"


@pytest.fixture
def after_build(built: Path, tmp_path: Path) -> Reader:
    root = tmp_path / "project"
    shutil.copytree(built, root, symlinks=True)
    for name in BENCHES:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, root / name)
    return Reader(root)


@pytest.fixture
def with_raw_files(built: Path, tmp_path: Path) -> Reader:
    """The whole project, because its checks look at all metrics."""
    root = tmp_path / "project"
    copy_catalogue(root)
    shutil.copytree(built / "raw", root / "raw")
    return Reader(root)


@pytest.fixture
def after_demo(demo: Workplace, tmp_path: Path) -> Reader:
    root = tmp_path / "project"
    copy_catalogue(root)
    shutil.copytree(demo.folder / "warehouse", root / "warehouse")
    shutil.copytree(demo.folder / "demo", root / "warehouse" / "demo")
    shutil.copytree(demo.folder / "target", root / "target")

    def query(text: str) -> object:
        with duckdb.connect(str(root / "warehouse" / "cx.duckdb"), read_only=True) as connection:
            return connection.execute(text).fetchall()

    # The salt with which the demo was built.
    return Reader(root, query, CX_SALT=os.environ["CX_SALT"])
