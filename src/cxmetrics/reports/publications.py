"""What was published and what is kept, and what a roll-back did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxmetrics.reports.printing import rendered, table
from cxmetrics.terminal import Shown, one_line, shown

if TYPE_CHECKING:
    from cxmetrics.engines.interface import Published


def listed(found: Sequence[Published]) -> Shown:
    """A table of the publications, the latest first, and how to go back to one."""
    if not found:
        return Shown("Nothing has been published yet.\nNext: cx build\n")
    answer = table(["publication", "state", "as_of", "sources"], [])
    for one in found:
        sources = one.sources + (" (synthetic)" if one.is_synthetic else "")
        answer.add_row(one.name, one.state, one.as_of, sources)
    is_kept = any(one.state != "current" for one in found)
    return shown(rendered(answer), "Next: cx publish --rollback, or --rollback --to NAME\n" if is_kept else "")


def rolled_back(current: Published, before: Published | None) -> str:
    """What is published now instead of what."""
    instead = f"Instead of: {_sentence(before)}\n" if before else ""
    back = f"Next: cx scorecard; cx publish --rollback --to {before.name} goes back\n" if before else ""
    return f"Published again: {_sentence(current)}\n{instead}{one_line(current.place)}\n{back}"


def _sentence(one: Published) -> str:
    synthetic = ", synthetic data" if one.is_synthetic else ""
    return one_line(f"{one.name}, as of {one.as_of}, sources {one.sources}{synthetic}")
