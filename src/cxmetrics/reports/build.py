"""What ``cx build`` made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxmetrics.reports.inputs import validation_text
from cxmetrics.terminal import Shown, one_line, shown

if TYPE_CHECKING:
    from cxmetrics.build.pipeline import Built


def built_text(built: Built) -> Shown:
    """The validation result, what was built in how many seconds, where it was published and what to know of it."""
    nodes = ", ".join(f"{count} {status}" for status, count in sorted(built.nodes.items()))
    seconds = ", ".join(f"{step} {taken:.1f}" for step, taken in built.seconds.items())
    return shown(
        validation_text(built.validation),
        f"\ndbt build: {nodes}\n"
        f"metric values: {built.values:,} rows\n"
        f"seconds: {seconds}; {sum(built.seconds.values()):.1f} in all\n"
        f"Published: {one_line(built.published)}\n"
        + "".join(f"note: {one_line(note)}\n" for note in built.notes)
        + "Next: cx scorecard, cx query METRIC, cx docs\n",
    )
