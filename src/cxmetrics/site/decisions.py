"""DECISIONS.md as entries: what others report, what we report, why. A metric's page shows those that name it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
ENTRY = re.compile(r"^(?=\*\*)", re.MULTILINE)
NAME = re.compile(r"`(\w+)`")


@dataclass(frozen=True)
class Decision:
    """One entry as Markdown, the names it writes as code, and the section it stands in."""

    section: str
    text: str
    names: frozenset[str]


def read_decisions(root: Path) -> list[Decision]:
    """Every entry in the order of the file; none where a project keeps no DECISIONS.md."""
    file = root / "DECISIONS.md"
    if not file.is_file():
        return []
    parts = SECTION.split(file.read_text(encoding="utf-8"))
    return [
        Decision(section, entry.strip(), frozenset(NAME.findall(entry)))
        for section, body in zip(parts[1::2], parts[2::2], strict=True)
        for entry in ENTRY.split(body)
        if entry.startswith("**")
    ]
