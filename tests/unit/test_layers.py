"""The contracts on imports in pyproject.toml notice what they are there for."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from support.programs import run_program

ROOT = Path(__file__).resolve().parents[2]
# Where it is planted, what, and what the contract says of it.
PLANTED = {
    "at the top": (
        "definitions/units.py",
        "from cxmetrics.engines.quoting import literal\n",
        "cxmetrics.definitions.units -> cxmetrics.engines.quoting",
    ),
    "inside a function": (
        "published/rows.py",
        "def planted():\n    from cxmetrics.measure.question import Question\n",
        "cxmetrics.published.rows -> cxmetrics.measure.question",
    ),
    "for a type checker only": (
        "errors.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from cxmetrics.definitions.project import Project\n",
        "cxmetrics.errors -> cxmetrics.definitions.project",
    ),
    "from a neighbour": (
        "site/prose.py",
        "def planted():\n    from cxmetrics.reports.printing import width\n",
        "cxmetrics.site.prose -> cxmetrics.reports.printing",
    ),
    "in a circle": (
        "measure/question.py",
        "def planted():\n    from cxmetrics.measure.measures import measures\n",
        "No cycles are allowed in cxmetrics.measure",
    ),
    "in a room of no layer": (
        "rumpus.py",
        "",
        "rumpus",
    ),
}


def _checked(folder: Path, planted: tuple[str, str] | None = None) -> tuple[int, str]:
    """What the contracts say of a copy of the package, with something planted at the end of a file."""
    shutil.copytree(ROOT / "src" / "cxmetrics", folder / "cxmetrics", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    if planted:
        name, text = planted
        with (folder / "cxmetrics" / name).open("a", encoding="utf-8") as file:
            file.write(text)
    # The working folder comes before what is installed.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    done = run_program(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> str:
    return _checked(tmp_path_factory.mktemp("untouched"))[1]


@pytest.mark.parametrize("where", PLANTED)
def test_an_import_against_the_layers_is_found(where: str, untouched: str, tmp_path: Path) -> None:
    file, text, said = PLANTED[where]
    code, found = _checked(tmp_path, (file, text))
    assert code == 1
    assert said in found
    assert said not in untouched
