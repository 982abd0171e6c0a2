"""The project's semantic manifest for tests: one ``dbt parse`` a session, shared by all workers."""

import fcntl
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from cxmetrics.project import Project
from cxmetrics.semantic import Semantics

ROOT = Path(__file__).resolve().parents[1]


@cache
def project() -> Project:
    """The project the tests belong to."""
    return Project(ROOT)


def parsed_semantics(session_folder: Path) -> Semantics:
    """The compiled semantics of the project; the worker that comes first runs dbt, the others wait for it."""
    target = session_folder / "dbt_parse"
    target.mkdir(exist_ok=True)
    with (target / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / "semantic_manifest.json").exists():
            _parse(target)
    return Semantics.load(target / "semantic_manifest.json")


def _parse(target: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("dbt")),
        "--quiet",
        "parse",
        "--profiles-dir",
        ".",
        "--no-partial-parse",
    ]
    environment = {
        **os.environ,
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target),
        "CX_WAREHOUSE": str(target),
    }
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
