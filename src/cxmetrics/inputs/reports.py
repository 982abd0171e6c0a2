"""What programs write around the rows of a text file: the line that tells Excel the delimiter, several header rows, and
the footer of a report."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from cxmetrics.inputs.text_files import BadLine, tail

# Excel reads the delimiter from a first line of this form.
SEPARATOR = re.compile(r'"?sep=(?P<delimiter>[,;\t|])"?', re.IGNORECASE)
# Surveys of Qualtrics have the text of each question and an import id below the header, of SurveyMonkey the kind of
# each answer.
IMPORT_ID = '{"ImportId":'
ANSWER_KINDS = {"", "Response", "Open-Ended Response", "Other (please specify)"}
MOST_HEADERS = 3
LEAST_COLUMNS = 3
FOOTER_BYTES, FOOTER_LINES = 1 << 16, 20


def delimiter_told(line: str) -> str | None:
    """The delimiter that a first line tells, when it is there for that."""
    found = SEPARATOR.fullmatch(line.strip())
    return found["delimiter"] if found else None


def header_rows(text: str, delimiter: str) -> int:
    """How many records at the beginning of a text are no rows: the header, and what surveys write below it."""
    try:
        records = [record for record, _ in zip(csv.reader(text.splitlines(True), delimiter=delimiter),
                                               range(MOST_HEADERS), strict=False)]  # fmt: skip
    except csv.Error:
        return 1
    for number, record in enumerate(records[1:], start=2):
        if any(cell.startswith(IMPORT_ID) for cell in record):
            return number
    second = {cell.strip() for cell in records[1]} if len(records) > 1 else set()
    return 2 if second - {""} and second <= ANSWER_KINDS else 1


def footer(path: Path, delimiter: str, columns: int, bad_lines: Sequence[BadLine]) -> tuple[BadLine, ...]:
    """Those of the lines that are no rows that make up the footer of a report: the last ones of the file, behind a
    blank line, each of one value. A row that breaks off has no blank line before it."""
    if not bad_lines or columns < LEAST_COLUMNS:
        return ()
    before, content = tail(path, FOOTER_BYTES)
    lines = content.splitlines(keepends=True)
    starts = [before]
    for line in lines:
        starts.append(starts[-1] + len(line))
    first, is_apart = len(lines), False
    for number in range(len(lines) - 1, -1, -1):
        text = lines[number].decode("utf-8", errors="replace").strip()
        if text and len(next(csv.reader([text], delimiter=delimiter), [])) > 1:
            break
        first, is_apart = (number, False) if text else (first, True)
    found = tuple(bad for bad in bad_lines if bad.start - 1 >= starts[first])
    return found if is_apart and len(found) <= FOOTER_LINES else ()
