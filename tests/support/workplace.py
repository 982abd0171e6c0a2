"""Where a test runs the commands as users run them, and how it says what it needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cxmetrics.measure.remembered import FOLDER
from support.programs import run_program, start_program

ROOT = Path(__file__).resolve().parents[2]
SHARED_DATA = ROOT.parent / "shared" / "data"
COMPILED_SQL = ROOT / "target" / "tests" / FOLDER
REQUIRED = set(os.environ.get("CX_REQUIRE", "").replace(" ", "").split(",")) - {""}


def need(thing: str, is_there: bool, how: str) -> None:
    """Skip the test where ``thing`` is missing, saying how to get it; fail when CX_REQUIRE names it."""
    if is_there:
        return
    if thing in REQUIRED:
        pytest.fail(f"CX_REQUIRE names {thing}, which is missing: {how}")
    pytest.skip(f"needs {thing}: {how}")


PROJECT_PARTS = ("dbt_project.yml", ".dbtignore", "profiles.yml", "macros", "metrics", "models", "seeds", "tests")


def copy_project(root: Path) -> None:
    """What the project declares, in a folder of its own, where a test changes it."""
    root.mkdir(exist_ok=True)
    for part in PROJECT_PARTS:
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / part)


@dataclass(frozen=True)
class Workplace:
    """A warehouse and a target folder of their own, and the commands run on them.

    dbt's unit tests are a third of a small build and know nothing of its data: one build an engine runs them. Its data
    tests are a quarter, and need not run again on the same data.
    """

    folder: Path
    has_unit_tests: bool = field(default=False, kw_only=True)
    has_data_tests: bool = field(default=True, kw_only=True)

    @property
    def published(self) -> Path:
        return self.folder / "warehouse" / "cx.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        made = {
            "CX_WAREHOUSE": self.folder / "warehouse",
            "DBT_TARGET_PATH": self.folder / "target",
            "DBT_LOG_PATH": self.folder / "logs",
            "DBT_PROFILES_DIR": ROOT,
        }
        plain = {"NO_COLOR": "1", "COLUMNS": "160"}
        runs = {"unit_test": self.has_unit_tests, "test": self.has_data_tests}
        if not all(runs.values()):
            plain["DBT_EXCLUDE_RESOURCE_TYPES"] = " ".join(kind for kind, is_run in runs.items() if not is_run)
        return os.environ | {name: str(path) for name, path in made.items()} | plain

    def run(self, program: str, *arguments: str | Path, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
        """A program of the virtual environment, as somebody types it."""
        self._share_compiled_sql()
        command = [str(Path(sys.executable).with_name(program)), *map(str, arguments)]
        return run_program(command, cwd=root, env=self.environment, capture_output=True, text=True, check=False)

    def run_in_background(self, program: str, *arguments: str | Path, root: Path = ROOT) -> subprocess.Popen[str]:
        """The same, started; its stdout and stderr come as one."""
        self._share_compiled_sql()
        command = [str(Path(sys.executable).with_name(program)), *map(str, arguments)]
        return start_program(
            command, cwd=root, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def _share_compiled_sql(self) -> None:
        """Builds of the same definitions compile them once: the fingerprint in the file's name tells them apart."""
        kept = self.folder / "target" / FOLDER
        # A build that no workplace started keeps its own.
        if not (kept.is_symlink() or kept.exists()):
            COMPILED_SQL.mkdir(parents=True, exist_ok=True)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.symlink_to(COMPILED_SQL)

    def cx(self, *arguments: str | Path, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
        """``cx`` with these arguments; it never shows a traceback."""
        done = self.run("cx", *arguments, root=root)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def cx_succeeds(self, *arguments: str | Path) -> str:
        """What ``cx`` prints to stdout when it exits with 0."""
        done = self.cx(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
