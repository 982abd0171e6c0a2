"""What was published and what is kept, and what a roll-back did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxmetrics.reports.printing import rendered
from cxmetrics.reports.tables import Column, fitted
from cxmetrics.terminal import Shown, one_line, shown

if TYPE_CHECKING:
    from cxmetrics.engines.interface import Published


def listed(found: Sequence[Published]) -> Shown:
    """A table of the publications, the latest first, and how to go back to one."""
    if not found:
        return Shown("Nothing has been published yet.\nNext: cx build\n")
    columns = [Column("publication"), Column("state"), Column("as of", rank=1), Column("sources", rank=2)]
    rows = [
        [one.name, one.state, one.as_of, one.sources + (" (synthetic)" if one.is_synthetic else "")] for one in found
    ]
    is_kept = any(one.state != "current" for one in found)
    answer = rendered(*fitted(columns, rows, "--json"))
    return shown(answer, "Next: cx publish --rollback, or --rollback --to NAME\n" if is_kept else "")


def rolled_back(current: Published, before: Published | None) -> str:
    """What is published now instead of what."""
    instead = f"Instead of: {_sentence(before)}\n" if before else ""
    back = f"Next: cx scorecard; cx publish --rollback --to {before.name} goes back\n" if before else ""
    return f"Published again: {_sentence(current)}\n{instead}{one_line(current.location)}\n{back}"


def _sentence(one: Published) -> str:
    synthetic = ", synthetic data" if one.is_synthetic else ""
    return one_line(f"{one.name}, as of {one.as_of}, sources {one.sources}{synthetic}")
