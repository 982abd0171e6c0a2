"""What a run of the inputs found, and why single rows were rejected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cxmetrics.reports.printing import rendered
from cxmetrics.reports.tables import Column, fitted
from cxmetrics.terminal import Shown, one_line, shown

if TYPE_CHECKING:
    from rich.console import RenderableType

    from cxmetrics.inputs.explain import Explanation
    from cxmetrics.inputs.validation_result import ValidationResult


def validation_text(result: ValidationResult) -> Shown:
    """The validation result as tables, notes and a last sentence."""
    tables = (part for source in result.sources for part in _source(result, source))
    return rendered(*tables, *map(one_line, _sentences(result)), is_folded=False)


def _sentences(result: ValidationResult) -> Iterator[str]:
    for table in result.tables:
        yield from (f"note: {table.table}: {note}" for note in table.drift)
        yield from (f"warning: {table.table}: {warning}" for warning in table.warnings)
    yield from (f"note: {note}" for note in result.notes)
    raw, rejected, superseded = (
        sum(counts) for counts in zip(*((t.raw, t.rejected, t.superseded) for t in result.tables), strict=True)
    )
    replaced = f", {superseded:,} superseded by later ones" if superseded else ""
    yield f"{raw - rejected - superseded:,} of {raw:,} rows accepted, {rejected:,} rejected{replaced}."
    if result.is_synthetic:
        yield "Synthetic data: nobody in it exists."


def _source(result: ValidationResult, source: str) -> Iterator[RenderableType]:
    tables = [table for table in result.tables if table.source == source]
    replaced = ["superseded"] if any(table.superseded for table in tables) else []
    counts = (Column(name, is_number=True) for name in ("files", "raw", "accepted", "rejected", *replaced))
    rows = [
        [
            table.table,
            *(f"{number:,}" for number in (table.files, table.raw, table.accepted, table.rejected)),
            *(f"{table.superseded:,}" for _ in replaced),
            table.top_rule or "",
        ]
        for table in tables
        if table.files
    ]
    columns = [Column(source), *counts, Column("most rejected by", rank=1)]
    yield from fitted(columns, rows, "--json", is_roomy=False)
    absent = [table.table for table in tables if not table.files]
    if absent:
        yield f"no files: {', '.join(absent)}"
    yield ""


def explanations_text(explanations: Sequence[Explanation]) -> Shown:
    """Of each row whether it was accepted, and if not what was asked of it and what it holds (masked)."""
    return shown(*(line for explanation in explanations for line in _explained(explanation)))


def _explained(explanation: Explanation) -> Iterator[str]:
    name = f"{explanation.source}.{explanation.table} row {one_line(explanation.row)}"
    if not explanation.reasons:
        yield f"{name}: accepted\n"
        return
    yield f"{name} ({one_line(explanation.location)}): {explanation.became}\n"
    for reason in explanation.reasons:
        about = f" of {reason.column}" if reason.column else ""
        got = f"\n    got:      {reason.masked_value} (masked)" if reason.masked_value else ""
        yield f"  {reason.rule}{about}{got}\n    asked:    {reason.meaning}\n    declared: {reason.declared}\n"
