"""Which files hold a table, and what columns they have. Reads headers only, so that a wrong file is named before
anything is loaded."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cxmetrics.engines.duckdb import DuckDBEngine
from cxmetrics.errors import CxError, nearest
from cxmetrics.inputs.declaration import Source, Table

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class RawFile:
    """One file. ``columns`` are its columns with DuckDB's type; a text file's are all VARCHAR."""

    path: Path
    name: str
    columns: dict[str, str]
    delimiter: str | None

    @property
    def is_parquet(self) -> bool:
        return self.path.suffix == ".parquet"

    def reference(self, column: str) -> str:
        """SQL name of a column. Those of a text file go by position: a header may hold anything, also no name."""
        if self.is_parquet:
            return DuckDBEngine.identifier(column)
        return f"column_{list(self.columns).index(column)}"


@dataclass(frozen=True)
class TableFiles:
    """The files of one table, in the order they are loaded, and how they differ from the declaration."""

    table: Table
    files: tuple[RawFile, ...]
    drift: tuple[str, ...]

    @property
    def parts(self) -> int:
        """How many files there are."""
        return len(self.files)


def source_folder(raw: Path, source: str) -> Path:
    """Where a source's files lie: ``raw/<source>`` when it exists, else ``raw``. Raises CxError without a folder."""
    if not raw.is_dir():
        problem = "the raw folder is not a folder" if raw.exists() else "the raw folder does not exist"
        raise CxError(problem, file=raw, next_step="cx demo makes invented data to try; --raw DIR reads your own")
    return raw / source if (raw / source).is_dir() else raw


def is_invented(folder: Path) -> bool:
    """Whether ``cx demo`` made the files of this folder (it leaves a ``demo.json`` that says so)."""
    try:
        return json.loads((folder / "demo.json").read_text(encoding="utf-8")).get("invented") is True
    except (OSError, ValueError, AttributeError):
        return False


def find_files(source: Source, folder: Path) -> list[TableFiles]:
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


def _matches(table: Table, folder: Path) -> list[Path]:
    return sorted({path for pattern in table.patterns for path in folder.glob(pattern) if path.is_file()})


def _table_files(table: Table, paths: list[Path], folder: Path, reader: duckdb.DuckDBPyConnection) -> TableFiles:
    files = tuple(_raw_file(path, folder, reader) for path in paths)
    drift: list[str] = []
    for file in files:
        drift += compared(table, list(file.columns), name=file.name, place=file.path, kind="file")
    return TableFiles(table, files, tuple(drift))


def _raw_file(path: Path, folder: Path, reader: duckdb.DuckDBPyConnection) -> RawFile:
    name = path.relative_to(folder).as_posix()
    try:
        if path.suffix == ".parquet":
            rows = reader.execute("describe select * from read_parquet(?, binary_as_string = true)", [escaped(path)])
            return RawFile(path, name, {row[0]: row[1] for row in rows.fetchall()}, None)
        header = reader.execute(_FIRST_LINE, [escaped(path)]).fetchone()
    except duckdb.Error as error:
        raise unreadable(path, error) from error
    if header is None or not (header[0] or "").strip():
        problem = (
            "the file is empty: it has no header" if header is None else "the first line is blank: it has no header"
        )
        raise CxError(problem, file=path, next_step="begin the file with a line of column names, or remove it")
    delimiter = max(DELIMITERS, key=header[0].count)
    columns = [column.strip() for column in next(csv.reader([header[0]], delimiter=delimiter))]
    repeated = [column for column, times in Counter(columns).items() if times > 1]
    if repeated:
        raise CxError(f"the header names the column '{repeated[0]}' twice", file=path, next_step="rename one of them")
    return RawFile(path, name, dict.fromkeys(columns, "VARCHAR"), delimiter)


# The whole first line as one column: a control character that no header holds is the delimiter.
_FIRST_LINE = """
    select line from read_csv(
        ?, auto_detect = false, header = false, columns = {'line': 'VARCHAR'}, delim = chr(1), quote = '', escape = ''
    ) limit 1
"""


def compared(table: Table, columns: list[str], *, name: str, place: Path | str, kind: str) -> list[str]:
    """How the columns of a file or stored table differ from the declaration, in sentences.

    Raises CxError for a missing required column.
    """
    declared = [column.name for column in table.columns]
    extra = [column for column in columns if column not in declared]
    missing = [column for column in table.columns if column.name not in columns]
    for column in missing:
        if column.name in table.required:
            raise _missing(table, column.name, columns, extra, place, kind)
    notes = []
    for column in extra:
        candidate = nearest(column, [declared.name for declared in missing])
        hint = f"; is it '{candidate}'?" if candidate else ""
        notes.append(f"{name}: column '{column}' is not declared and was ignored{hint}")
    if missing:
        names = ", ".join(column.name for column in missing)
        notes.append(f"{name}: optional column{'s' * (len(missing) > 1)} not given: {names}")
    return notes


def _missing(table: Table, column: str, columns: list[str], extra: list[str], place: Path | str, kind: str) -> CxError:
    looks_like = nearest(column, extra)
    step = f"rename the column '{looks_like}' to '{column}'" if looks_like else f"add the column '{column}'"
    return CxError(
        f"the required column '{column}' of table {table.name} is missing",
        file=place,
        got=looks_like or ", ".join(columns),
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
