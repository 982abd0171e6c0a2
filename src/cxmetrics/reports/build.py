"""What ``cx build`` made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxmetrics.reports.inputs import validation_text
from cxmetrics.reports.printing import rendered
from cxmetrics.reports.tables import Column, fitted
from cxmetrics.terminal import Shown, from_here, one_line, shown

if TYPE_CHECKING:
    from cxmetrics.build.pipeline import Built
    from cxmetrics.published.not_counted import NotCounted

# As many rows as are read; the published table has all of them.
ROWS_SHOWN = 12


def built_text(built: Built) -> Shown:
    """The validation result, what was built in how many seconds, where it was published and what to know of it."""
    nodes = ", ".join(f"{count} {status}" for status, count in sorted(built.nodes.items()))
    seconds = ", ".join(f"{step} {taken:.1f}" for step, taken in built.seconds.items())
    return shown(
        validation_text(built.validation),
        *([] if not built.not_counted else [not_counted_text(built.not_counted)]),
        f"\ndbt build: {nodes}\n"
        f"metric values: {built.values:,} rows\n"
        f"seconds: {seconds}; {sum(built.seconds.values()):.1f} in all\n"
        f"Published: {one_line(from_here(built.published))}\n"
        + "".join(f"note: {one_line(note)}\n" for note in built.notes)
        + "Next: cx scorecard, cx query METRIC, cx docs\n",
    )


def not_counted_text(rows: Sequence[NotCounted]) -> Shown:
    """What came in and is in no metric, the most rows first."""
    columns = [Column("not counted"), Column("rows", is_number=True), Column("why", rank=1), Column("value", rank=2)]
    cells = [
        [f"{row.source}.{row.table_name}", f"{row.row_count:,}", row.why, value_text(row)] for row in rows[:ROWS_SHOWN]
    ]
    more = len(rows) - ROWS_SHOWN
    rest = [f"and {more} more rows in metrics.not_counted"] if more > 0 else []
    return rendered(*fitted(columns, cells, "metrics.not_counted", is_roomy=False), *rest, is_folded=False)


def value_text(row: NotCounted) -> str:
    """The value that is to blame, and what may have been meant."""
    if row.values_pooled > 1:
        return f"{row.values_pooled:,} other values"
    return (row.example or "") + (f" (meant: {row.nearest_name}?)" if row.nearest_name else "")
