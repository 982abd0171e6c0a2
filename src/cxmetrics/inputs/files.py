"""Which files hold a table, what columns they have and which of their lines are no rows. All of it is known before
anything is loaded, so that a wrong file changes nothing."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from cxmetrics.engines.quoting import identifier, literal
from cxmetrics.errors import CxError, nearest
from cxmetrics.inputs import text_files
from cxmetrics.inputs.archives import opened, require_whole
from cxmetrics.inputs.declaration import RawColumn, RawSource, RawTable
from cxmetrics.inputs.text_files import Copy, Scan

DELIMITERS = (",", ";", "\t", "|")
# What looks like raw data, so that a file no table takes is not overlooked.
DATA = re.compile(r".*\.(parquet|csv|tsv|txt|json|jsonl|xlsx?)(\.(gz|zst|zip|bz2))?", re.IGNORECASE)
MAX_HEADER = 1 << 20
DEMO = "demo.json"
ENCODING_STEP = "declare its encoding in the source's .yml (encoding: latin-1), or export it in UTF-8"
# What a column is called; anything else in a header may be a value.
COLUMN_NAME = re.compile(r"(?!.*[0-9]{4})[\w .()/%#:-]{0,40}")


NOT_SCANNED = Scan(0, ())


@dataclass(frozen=True)
class RawFile:
    """One file. ``columns`` are its columns with DuckDB's type; a text file's are all VARCHAR. ``copy`` is what is read
    in the place of a text file that DuckDB cannot read itself, ``scan`` what a text file holds."""

    path: Path
    name: str
    columns: dict[str, str]
    delimiter: str | None
    copy: Copy | None = None
    scan: Scan = NOT_SCANNED

    @property
    def is_parquet(self) -> bool:
        return self.path.suffix == ".parquet"

    def reference(self, column: str) -> str:
        """SQL name of a column. Those of a text file go by position: a header may hold anything, also no name."""
        if self.is_parquet:
            return identifier(column)
        return f"column_{list(self.columns).index(column)}"

    @property
    def readable(self) -> Path:
        """What is read."""
        return self.copy.path if self.copy else self.path

    def text_relation(self, options: str) -> str:
        """SQL that reads a text file; ``options`` say what becomes of lines that are no rows."""
        columns = ", ".join(f"{self.reference(name)}: 'VARCHAR'" for name in self.columns)
        return (
            f"read_csv({literal(escaped(self.readable))}, auto_detect = false, header = true, columns = {{{columns}}},"
            f" delim = {literal(self.delimiter or ',')}, quote = '\"', escape = '\"', {options})"
        )


@dataclass(frozen=True)
class TableFiles:
    """The files of one table, in the order they are loaded, and how they differ from the declaration."""

    table: RawTable
    files: tuple[RawFile, ...]
    drift: tuple[str, ...]

    @property
    def parts(self) -> int:
        """How many files there are."""
        return len(self.files)

    @property
    def bad_lines(self) -> int:
        """How many lines of them are no rows."""
        return sum(len(file.scan.bad_lines) for file in self.files)


def source_folder(raw: Path, source: str) -> Path:
    """Where a source's files lie: ``raw/<source>`` when it exists, else ``raw``. Raises CxError without a folder, and
    when the one inside leads out of ``raw``."""
    if not raw.is_dir():
        problem = "the raw folder is not a folder" if raw.exists() else "the raw folder does not exist"
        raise CxError(problem, file=raw, next_step="cx demo makes invented data to try; --raw DIR reads your own")
    folder = raw / source
    if not folder.is_dir():
        return raw
    _require_inside(folder, raw)
    return folder


def _require_inside(path: Path, folder: Path) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise CxError(
            "a link leads out of the raw folder, and nothing outside it is read",
            file=path,
            next_step="copy the file into the folder, or name the folder it lies in with --raw DIR",
        )


def is_invented(folder: Path) -> bool:
    """Whether ``cx demo`` made the files of this folder (it leaves a ``demo.json`` that says so)."""
    return _demo(folder).get("invented") is True


def invented_until(folder: Path) -> datetime | None:
    """The last moment of what ``cx demo`` made up, which may be later than now."""
    try:
        return datetime.fromisoformat(_demo(folder)["as_of"]) if is_invented(folder) else None
    except (KeyError, TypeError, ValueError):
        return None


def _demo(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads((folder / DEMO).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def find_files(source: RawSource, folder: Path) -> list[TableFiles]:
    """The files of every declared table, with their headers compared.

    Raises CxError when the source has no file at all, a required table has none, a file cannot be read or lacks a
    required column.
    """
    found = {table.name: _matches(table, folder) for table in source.tables}
    accepted = [pattern for table in source.tables for pattern in table.patterns]
    if not any(found.values()):
        step = f"put the files of {source.name} there, or name their folder with --raw DIR"
        raise CxError(f"no file of source {source.name} here", file=folder, allowed=accepted, next_step=step)
    for table in source.tables:
        if table.is_required and not found[table.name]:
            raise CxError(
                f"the required table {table.name} of source {source.name} has no file",
                file=folder,
                allowed=table.patterns,
                next_step="add a file with one of these names",
            )
    with duckdb.connect() as reader:
        return [_table_files(table, found[table.name], folder, reader) for table in source.tables]


def files_of_no_table(sources: Iterable[RawSource], folder: Path) -> list[str]:
    """A sentence about each file in the folder that looks like data and that no table of the sources takes."""
    patterns = [pattern for source in sources for table in source.tables for pattern in table.patterns]
    taken = {path for pattern in patterns for path in folder.glob(pattern)}
    notes = []
    taken.add(folder / DEMO)
    for path in sorted(path for path in folder.iterdir() if path not in taken and DATA.fullmatch(path.name)):
        likely = nearest(path.name, [pattern for pattern in patterns if "*" not in pattern])
        notes.append(f"{path.name} belongs to no table and was not read" + (f"; is it {likely}?" if likely else ""))
    return notes


def _matches(table: RawTable, folder: Path) -> list[Path]:
    found = sorted({path for pattern in table.patterns for path in folder.glob(pattern) if path.is_file()})
    for path in found:
        _require_inside(path, folder)
    return found


def _table_files(table: RawTable, paths: list[Path], folder: Path, reader: duckdb.DuckDBPyConnection) -> TableFiles:
    files = tuple(_raw_file(table, path, path.relative_to(folder).as_posix(), reader) for path in paths)
    drift: list[str] = []
    for file in files:
        drift += compared(table, list(file.columns), name=file.name, place=file.path, kind="file")
    scanned = tuple(file if file.is_parquet else _scanned(table, file, reader) for file in files)
    for file in scanned:
        count = sum(bad.rule == text_files.LINE_RULES["INVALID ENCODING"] for bad in file.scan.bad_lines)
        if count:
            drift.append(
                f"{file.name}: {count:,} line{'s are' if count > 1 else ' is'} not UTF-8; if the file is in another"
                " encoding, declare it in the source's .yml (encoding: latin-1)"
            )
    return TableFiles(table, scanned, tuple(drift))


def _raw_file(table: RawTable, path: Path, name: str, reader: duckdb.DuckDBPyConnection) -> RawFile:
    try:
        require_whole(path)
        if path.suffix == ".parquet":
            rows = reader.execute("describe select * from read_parquet(?, binary_as_string = true)", [escaped(path)])
            return RawFile(path, name, {row[0]: row[1] for row in rows.fetchall()}, None)
        encoding = text_files.encoding_of(path) or table.encoding
        copy = Copy(path, encoding) if encoding not in (None, "utf-8") else None
        header = _first_line(copy.path if copy else path)
    except duckdb.Error as error:
        raise unreadable(path, error) from error
    except UnicodeDecodeError as error:
        problem = "the file cannot be read: its header is not UTF-8"
        raise CxError(problem, file=path, line=1, next_step=ENCODING_STEP) from error
    except OSError as error:
        raise CxError(f"the file cannot be read: {error.strerror or error}", file=path) from error
    if not header.strip():
        problem = "the first line is blank: it has no header" if header else "the file is empty: it has no header"
        raise CxError(problem, file=path, next_step="begin the file with a line of column names, or remove it")
    if "\0" in header:
        problem = "the header holds NUL characters: is the file UTF-16 without a byte-order mark?"
        raise CxError(problem, file=path, line=1, next_step=ENCODING_STEP)
    delimiter = max(DELIMITERS, key=header.count)
    columns = [column.strip() for column in next(csv.reader([header], delimiter=delimiter))]
    _require_header(table, columns, path)
    if copy is None and text_files.holds_nul(path):
        copy = Copy(path, None)
    return RawFile(path, name, dict.fromkeys(columns, "VARCHAR"), delimiter, copy)


def _require_header(table: RawTable, columns: list[str], path: Path) -> None:
    declared = [column.name for column in table.columns]
    if not any(column in declared or nearest(column, declared) for column in columns):
        raise CxError(
            f"the first line names no column of the table {table.name}: is it a header?",
            file=path,
            got=", ".join(masked(column) for column in columns),
            allowed=declared,
            next_step="begin the file with a line of column names",
        )
    repeated = [column for column, times in Counter(columns).items() if times > 1]
    if repeated:
        what = f"the header names the column '{shown(repeated[0])}' twice"
        raise CxError(what, file=path, next_step="rename one of them")


def _scanned(table: RawTable, file: RawFile, reader: duckdb.DuckDBPyConnection) -> RawFile:
    """The file with its rows counted and the lines found that are none."""
    columns = [file.reference(column.name) for column in table.columns if _is_read(column, file)]
    try:
        try:
            return replace(file, scan=text_files.scan(reader, file.text_relation, columns))
        except duckdb.InvalidInputException as error:
            if "invalid state" not in str(error):
                raise
            # Several kinds of line endings in one file.
            file = replace(file, copy=Copy(file.readable, None))
            return replace(file, scan=text_files.scan(reader, file.text_relation, columns))
    except duckdb.Error as error:
        raise unreadable(file.path, error) from error
    except text_files.UnclosedQuoteError as error:
        opening = text_files.BadLine(error.start, "", "")
        _, lines = text_files.line_numbers(file.readable, file.delimiter or ",", (), [opening])
        raise CxError(
            "the file cannot be read: a quote is opened and never closed",
            file=file.path,
            line=lines.get(error.start),
            next_step="close the quote, or double it where it is part of a value",
        ) from error


def _is_read(column: RawColumn, file: RawFile) -> bool:
    return column.name in file.columns and column.personal != "drop"


def shown(column: str) -> str:
    """A column of a header as people may see it: masked when it looks like a value rather than a name."""
    return column if COLUMN_NAME.fullmatch(column) else masked(column)


def masked(text: str) -> str:
    """Digits as 9, letters as a, at most 40 characters, as in quarantine; nothing that a terminal or SQL would obey."""
    signs = (sign if sign.isprintable() else " " for sign in text[:40])
    return "".join("9" if sign.isdigit() else "a" if sign.isalpha() else sign for sign in signs)


def _first_line(path: Path) -> str:
    """The first line with its ending, so that a blank one differs from none."""
    with opened(path) as stream:
        # Old Macs end lines with \r alone, where readline goes on.
        first = stream.readline(MAX_HEADER).splitlines()[:1]
    return f"{first[0].decode('utf-8-sig')}\n" if first else ""


def compared(table: RawTable, columns: list[str], *, name: str, place: Path | str, kind: str) -> list[str]:
    """How the columns of a file or stored table differ from the declaration, in sentences.

    Raises CxError for a missing required column, and without any column to read: every row would be one of nothing.
    """
    declared = [column.name for column in table.columns]
    extra = [column for column in columns if column not in declared]
    missing = [column for column in table.columns if column.name not in columns]
    for column in missing:
        if column.name in table.required:
            raise _missing(table, column.name, columns, extra, place, kind)
    read = [column.name for column in table.columns if column.personal != "drop"]
    if not set(columns) & set(read):
        pairs = ((shown(given), nearest(given, read)) for given in columns)
        rename = next((f"rename the column '{given}' to '{likely}'" for given, likely in pairs if likely), None)
        raise CxError(
            f"no column of the table {table.name} is in this {kind}",
            file=place,
            got=", ".join(map(shown, columns)),
            allowed=read,
            next_step=rename or "name its columns as they are declared",
        )
    notes = []
    for given in extra:
        candidate = nearest(given, [column.name for column in missing])
        hint = f"; is it '{candidate}'?" if candidate else ""
        notes.append(f"{name}: column '{shown(given)}' is not declared and was ignored{hint}")
    if missing:
        names = ", ".join(column.name for column in missing)
        notes.append(f"{name}: optional column{'s' * (len(missing) > 1)} not given: {names}")
    return notes


def _missing(
    table: RawTable, column: str, columns: list[str], extra: list[str], place: Path | str, kind: str
) -> CxError:
    looks_like = nearest(column, extra)
    step = f"rename the column '{shown(looks_like)}' to '{column}'" if looks_like else f"add the column '{column}'"
    return CxError(
        f"the required column '{column}' of table {table.name} is missing",
        file=place,
        got=", ".join(shown(column) for column in ([looks_like] if looks_like else columns)),
        allowed=[declared.name for declared in table.columns],
        next_step=f"{step} in this {kind}",
    )


def escaped(path: Path) -> str:
    """``path`` for DuckDB's readers, which take a name as a glob pattern."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))


def unreadable(path: Path, error: duckdb.Error) -> CxError:
    """DuckDB's complaint about a file in one line, without the raw line it quotes: that may hold personal data."""
    text = str(error).split("Original Line:")
    first = text[0].strip().splitlines()[0]
    reasons = text[1].splitlines()[1:] if len(text) > 1 else []
    known = ("Expected", "Value with", "Invalid unicode", "Error when", "Maximum line")
    reason = next((line for line in reasons if line.startswith(known)), "")
    said = first.split("Error: ", 1)[-1] + (f" {reason.strip()}" if reason else "")
    return CxError(f"the file cannot be read: {said}", file=path, next_step="correct the file, or remove it")
