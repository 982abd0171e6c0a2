"""Every kind of bad input that is tested. Running this file makes the table of them in docs/guides/inputs.md."""

from __future__ import annotations

import sys
from pathlib import Path

from support.bad_files import FILES
from support.bad_values import VALUES

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guides" / "inputs.md"
BEGIN, END = "<!-- the table is made by tests/support/bad_inputs.py -->\n", "<!-- end of the table -->\n"

CASES = [*FILES, *VALUES]


def table() -> str:
    """The table of the guide."""
    lines = ["| | fed | said | exit | rows |", "|---|---|---|---|---|"]
    for number, case in enumerate(CASES, start=1):
        said = case.said.replace("|", "\\|")
        lines.append(f"| {number} | {case.fed} | {said} | {case.exit_code} | {case.rows} |")
    return "\n".join(lines) + "\n"


def guide_with(table: str) -> str:
    """The guide with the table in its place."""
    text = GUIDE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + table + END + rest.partition(END)[2]


if __name__ == "__main__":
    GUIDE.write_text(guide_with(table()), encoding="utf-8")
    sys.stdout.write(f"{GUIDE.relative_to(ROOT)}: {len(CASES)} kinds\n")
