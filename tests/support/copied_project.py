"""A small healthy project that tests copy and break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cxmetrics.checks import run
from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.project import Project

HEALTHY = Path(__file__).parents[1] / "unit" / "small_project"


class SmallProject:
    """A copy of the healthy project in a folder of its own."""

    def __init__(self, root: Path):
        self.root = root

    def replace(self, file: str, old: str, new: str) -> int:
        """Put ``new`` in the place of the only ``old`` in a file; returns the line it begins on."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def write(self, file: str, text: str) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def move(self, old: str, new: str) -> None:
        (self.root / new).parent.mkdir(parents=True, exist_ok=True)
        (self.root / old).rename(self.root / new)

    def remove(self, file: str) -> None:
        (self.root / file).unlink()

    @property
    def project(self) -> Project:
        return Project(self.root)

    def findings(self, check: str | None = None) -> list[Finding]:
        """What the checks find, or one of them."""
        return [finding for finding in run(self.project) if check in (None, finding.check)]

    def only_finding(self, check: str) -> Finding:
        """The one finding there is, which must be of ``check``."""
        findings = self.findings()
        assert [finding.check for finding in findings] == [check], "\n".join(map(str, findings))
        return findings[0]


@pytest.fixture
def small(tmp_path: Path) -> SmallProject:
    shutil.copytree(HEALTHY, tmp_path / "project")
    return SmallProject(tmp_path / "project")
