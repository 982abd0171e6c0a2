"""The project as dbt describes it, parsed once in a test run."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cxmetrics.project import Project
from cxmetrics.semantic import Semantics

ROOT = Path(__file__).resolve().parents[1]


def parse(target: Path, root: Path = ROOT) -> None:
    """Let dbt write the semantic manifest of the project in ``root`` into ``target``."""
    dbt = Path(sys.executable).with_name("dbt")
    places = {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target), "CX_WAREHOUSE": str(target)}
    command = [str(dbt), "--quiet", "parse", "--profiles-dir", str(ROOT), "--project-dir", str(root)]
    done = subprocess.run(command, env={**os.environ, **places}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def cx_project() -> Project:
    """The project the tests belong to."""
    return Project(ROOT)


@pytest.fixture(scope="session")
def semantics(made_once: Callable[[str, Callable[[Path], None]], Path]) -> Semantics:
    """Its metrics, ready to compile."""
    return Semantics.load(made_once("dbt_parse", parse) / "semantic_manifest.json")
