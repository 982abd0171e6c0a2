"""The project as dbt describes it, parsed once in a test run."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.measure.compiler import Semantics
from support.programs import run_program

ROOT = Path(__file__).resolve().parents[2]


def parse(target: Path, root: Path = ROOT) -> None:
    """Let dbt write the semantic manifest of the project in ``root`` into ``target``."""
    dbt = Path(sys.executable).with_name("dbt")
    places = {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target), "CX_WAREHOUSE": str(target)}
    command = [str(dbt), "--quiet", "parse", "--profiles-dir", str(ROOT), "--project-dir", str(root)]
    done = run_program(command, env={**os.environ, **places}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def copy_project(root: Path) -> None:
    """What dbt needs to parse the project, in ``root``, to be changed there."""
    for folder in ("metrics", "models", "macros", "seeds", "tests/dbt"):
        shutil.copytree(ROOT / folder, root / folder)
    for file in ("dbt_project.yml", ".dbtignore"):
        shutil.copy(ROOT / file, root)


@pytest.fixture(scope="session")
def cx_project() -> Project:
    """The project the tests belong to."""
    return Project(ROOT)


@pytest.fixture(scope="session")
def semantics_manifest(made_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """What dbt says of its metrics."""
    return made_once("dbt_parse", parse) / "semantic_manifest.json"


@pytest.fixture(scope="session")
def semantics(semantics_manifest: Path) -> Semantics:
    """Its metrics, ready to compile."""
    return Semantics.load(semantics_manifest)


# File -> what is replaced by what: every change parses, and every one gives wrong numbers or none.
WRONG = {
    "metrics/service/reopen_rate.yml": ("denominator: tickets_solved", "denominator: tickets_with_events"),
    "metrics/service/transfer_rate.yml": ("numerator: tickets_transferred", "numerator: tickets_with_events"),
    "metrics/experience/contact_rate.yml": ("expr: 100.0 * contacts", "expr: contacts"),
    "metrics/experience/net_promoter_score.yml": ("nps_promoters - nps_detractors", "nps_promoters"),
    "models/marts/service/fct_interactions.yml": ("expr: handle_seconds * handle", "expr: handle_seconds * handel"),
}


@pytest.fixture(scope="session")
def wrong_project(made_once: Callable[[str, Callable[[Path], None]], Path]) -> tuple[Project, Semantics]:
    """The project with the definitions in ``WRONG``."""

    def make(folder: Path) -> None:
        copy_project(folder / "project")
        for name, (right, wrong) in WRONG.items():
            file = folder / "project" / name
            text = file.read_text(encoding="utf-8")
            assert right in text, f"{name} does not hold {right!r} any more"
            file.write_text(text.replace(right, wrong), encoding="utf-8")
        parse(folder, folder / "project")

    folder = made_once("wrong_project", make)
    return Project(folder / "project"), Semantics.load(folder / "semantic_manifest.json")
