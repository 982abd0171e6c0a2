"""Which labels are known: those of the seeds. A label that nobody lists may be a name, and is hashed."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from cxmetrics.errors import CxError

# The seed with the labels of every column that has no seed of its own, one a line; and one that names labels so, too.
SEED, COLUMN, LABEL = "labels.csv", "column_name", "label"
ASSIGNMENTS = "schedule_assignments.csv"


def seeded_labels(root: Path, columns: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The labels of each of ``columns``: what ``seeds/labels.csv`` says of it, and the column of this name in any seed.
    A label to which a schedule is assigned is listed with it: hashed, it would not be found.

    Raises CxError for a seed that cannot be read.
    """
    found: dict[str, dict[str, None]] = {column: {} for column in columns}
    for file in sorted((root / "seeds").glob("*.csv")):
        for row in _rows(file):
            if file.name in (SEED, ASSIGNMENTS):
                row = {row.get(COLUMN) or "": row.get(LABEL) or ""}
            for column in found.keys() & row.keys():
                label = (row[column] or "").strip()
                if label:
                    found[column][label] = None
    return {column: tuple(labels) for column, labels in found.items()}


def _rows(file: Path) -> list[dict[str, str | None]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines, restkey=""))
    except (OSError, UnicodeError, csv.Error) as error:
        problem = f"the seed cannot be read: {error}"
        raise CxError(problem, file=file, next_step="save it as CSV in UTF-8") from error
