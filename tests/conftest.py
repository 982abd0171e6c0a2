"""Fixtures that tests share: real data where there is some, and the demo, built once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from support.parts import NAMES, part_of
from support.workplace import SHARED_DATA, Workplace, need

# No test leaves a salt in the project, and equal rows have equal hashes in every warehouse.
os.environ.setdefault("CX_SALT", "a salt that is for tests only")

# Those that take minutes.
LONGEST = ("test_spark", "test_postgres")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", choices=NAMES, help="only the tests of this part of CI (tests/support/parts.py)")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What belongs to another part is not even imported."""
    part = config.getoption("--part")
    is_test = collection_path.match("test_*.py")
    return True if part and is_test and part_of(collection_path) != part else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each of the two longest modules open a half of the tests; all others keep their order.

    Each of two workers gets a half and later takes over from the end of the other's. So neither is left with a long
    module at the end, and what such a module builds is built once.
    """
    first, second = ([item for item in items if item.path.stem == name] for name in LONGEST)
    others = [item for item in items if item.path.stem not in LONGEST]
    half = max(0, len(items) // 2 - len(first))
    items[:] = [*first, *others[:half], *second, *others[half:]]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real data."""
    need("data", SHARED_DATA.is_dir(), "the folder shared/data beside the project")
    return SHARED_DATA


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """An empty one."""
    return Workplace(tmp_path)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """``made_once(name, make)``: a folder that ``make`` fills once in a test run, whichever worker comes first."""
    base = tmp_path_factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder = common / name
        with (common / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "made").exists():
                folder.mkdir(exist_ok=True)
                make(folder)
                (folder / "made").touch()
        return folder

    return made


@pytest.fixture(scope="session")
def demo(made_once: Callable[[str, Callable[[Path], None]], Path]) -> Workplace:
    """The demo with 500 customers, built and published. Read only: a test that changes it works on a copy."""

    def make(folder: Path) -> None:
        workplace = Workplace(folder, has_unit_tests=True)
        workplace.cx_succeeds("demo", "--customers", "500", "--out", folder / "demo")
        (folder / "build.txt").write_text(workplace.cx_succeeds("build", "--raw", folder / "demo"))

    return Workplace(made_once("demo", make))
