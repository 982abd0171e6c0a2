"""DECISIONS.md as entries."""

from __future__ import annotations

from pathlib import Path

from cxmetrics.definitions.project import Project
from cxmetrics.site.decisions import read_decisions
from support.workplace import ROOT


def test_an_entry_is_found_by_the_names_it_writes_as_code(tmp_path: Path) -> None:
    (tmp_path / "DECISIONS.md").write_text(
        "# Decisions\n\nIntro `reopen_rate`.\n\n## Numbers\n\n**One.** About `reopen_rate`\nand **more**.\n\n"
        "- a list\n\n**Two.** Nothing.\n\n## Tools\n\n**Three.** `cx` and `reopen_rate`.\n"
    )
    entries = read_decisions(tmp_path)
    assert [(entry.section, entry.text[:8]) for entry in entries] == [
        ("Numbers", "**One.**"),
        ("Numbers", "**Two.**"),
        ("Tools", "**Three."),
    ]
    assert entries[0].text.endswith("- a list") and entries[0].names == {"reopen_rate"}
    assert entries[1].names == frozenset()


def test_a_project_without_decisions_has_none(tmp_path: Path) -> None:
    assert read_decisions(tmp_path) == []


def test_decisions_of_this_project_name_metrics() -> None:
    names = frozenset().union(*(entry.names for entry in read_decisions(ROOT)))
    assert len(names & set(Project(ROOT).metrics())) > 10
