"""CSV for spreadsheets: the rows of an answer, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from typing import Any

from cxmetrics.terminal import visible

# A text that begins so is a formula, or becomes one once what stands before it is trimmed. Some spreadsheets take the
# wide forms of East Asian keyboards for the same, which is what NFKC makes of them.
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")
APOSTROPHE = "'"


def csv_text(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A line of names and a line for each row, at full precision.

    Numbers, days and truth values stay as they are; a text that a spreadsheet would take for a formula gets a leading
    apostrophe, and what a terminal would obey is a sign. JSON and Parquet have every text as it is in the data.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in (columns, *rows):
        writer.writerow([_inert(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue()


def _inert(cell: str) -> str:
    is_formula = unicodedata.normalize("NFKC", cell[:1]).startswith(BEGINNINGS)
    return visible(f"{APOSTROPHE}{cell}" if is_formula else cell)
