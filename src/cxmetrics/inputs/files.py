"""Which files hold a table, what columns they have and which of their lines are no rows. All of it is known before
anything is loaded, so that a wrong file changes nothing."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from cxmetrics.demo.manifest import MANIFEST
from cxmetrics.engines.file_reader import FileReader
from cxmetrics.engines.quoting import identifier, literal
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError, nearest
from cxmetrics.inputs import amounts, text_files
from cxmetrics.inputs.amounts import Amounts
from cxmetrics.inputs.archives import require_whole
from cxmetrics.inputs.causes import ambiguous
from cxmetrics.inputs.declaration import RawColumn, RawSource, RawTable
from cxmetrics.inputs.file_names import natural, shown_names
from cxmetrics.inputs.hiding import Hiding
from cxmetrics.inputs.limits import Limits, beyond, require_few_columns, require_few_rows
from cxmetrics.inputs.parquet_files import escaped, parquet_columns
from cxmetrics.inputs.text_files import Copy, Scan

DELIMITERS = (",", ";", "\t", "|")
# What looks like raw data, so that a file no table takes is not overlooked.
DATA = re.compile(r".*\.(parquet|csv|tsv|txt|json|jsonl|xlsx?)(\.(gz|zst|zip|bz2))?", re.IGNORECASE)
ENCODING_STEP = "declare its encoding in the source's .yml (encoding: latin-1), or export it in UTF-8"
# What a column is called; anything else in a header may be a value.
COLUMN_NAME = re.compile(r"(?!.*[0-9]{4})[\w .()/%#:-]{0,40}")
# What DuckDB reads in one part.
SMALL = 16_000_000
NOT_SCANNED = Scan(0, ())
NO_AMOUNTS = Amounts()


@dataclass(frozen=True)
class Means:
    """What files are looked at with: a DuckDB connection, limits, and a folder for copies that is nobody else's."""

    connection: duckdb.DuckDBPyConnection
    limits: Limits
    folder: Path


@dataclass(frozen=True)
class RawFile:
    """One file; ``name`` and ``location`` are what people read of where it lies. ``columns`` are its columns with their
    types in DuckDB; a text file's are all VARCHAR. ``copy`` is what is read instead of a text file that DuckDB cannot
    read itself, ``scan`` what a text file holds, ``amounts`` what its numbers
    say. A line of it has ``line_bytes`` at most."""

    path: Path
    name: str
    location: Path
    columns: dict[str, str]
    delimiter: str | None
    line_bytes: int
    copy: Copy | None = None
    scan: Scan = NOT_SCANNED
    amounts: Amounts = NO_AMOUNTS

    @property
    def is_parquet(self) -> bool:
        return self.path.suffix == ".parquet"

    def reference(self, column: str) -> Sql:
        """SQL name of a column. Those of a text file go by position: a header may hold anything, also no name."""
        if self.is_parquet:
            return identifier(column)
        return sql("column_{position}", position=list(self.columns).index(column))

    @property
    def readable(self) -> Path:
        """What is read."""
        return self.copy.path if self.copy else self.path

    def text_relation(self, options: Sql) -> Sql:
        """SQL that reads a text file; ``options`` say what becomes of lines that are no rows."""
        return sql(
            "read_csv({path}, auto_detect = false, header = true, columns = {{{columns}}},"
            " delim = {delimiter}, quote = '\"', escape = '\"', {options}, max_line_size = {most})",
            path=literal(escaped(self.readable)),
            columns=joined(sql("{name}: 'VARCHAR'", name=self.reference(name)) for name in self.columns),
            delimiter=literal(self.delimiter or ","),
            options=options,
            most=self.line_bytes,
        )


@dataclass(frozen=True)
class TableFiles:
    """The files of one table, in the order they are loaded, and how they differ from the declaration."""

    table: RawTable
    files: tuple[RawFile, ...]
    drift: tuple[str, ...]

    @property
    def doubts(self) -> tuple[str, ...]:
        """Sentences about what was read and may mean something else."""
        return tuple(ambiguous(self.table, (file.amounts for file in self.files)))

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
        raise CxError(problem, file=raw, next_step="cx demo makes synthetic data to try; --raw DIR reads your own")
    folder = raw / source
    if not folder.is_dir():
        return raw
    _require_inside(folder, raw)
    return folder


def _require_inside(path: Path, folder: Path, shown: Path | None = None) -> None:
    """``shown`` is what the path is called in the message."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise CxError(
            "a link leads out of the raw folder, and nothing outside it is read",
            file=shown or path,
            next_step="copy the file into the folder, or name the folder it lies in with --raw DIR",
        )


def find_files(source: RawSource, folder: Path, reader: FileReader, limits: Limits, copies: Path) -> list[TableFiles]:
    """The files of every declared table, with their headers compared. Copies are made below the folder ``copies``.

    Raises CxError when the source has no file at all, a required table has none, a file cannot be read, is over a
    limit or lacks a required column.
    """
    found = {table.name: _matches(table, folder, limits) for table in source.tables}
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
    with reader.connected() as connection:
        means = Means(connection, limits, copies)
        return [_table_files(table, found[table.name], folder, means) for table in source.tables]


def files_of_no_table(sources: Iterable[RawSource], folder: Path, limits: Limits) -> tuple[str, ...]:
    """A sentence about each file in the folder that looks like data and that no table of the sources takes."""
    patterns = [pattern for source in sources for table in source.tables for pattern in table.patterns]
    taken = {path for pattern in patterns for path in folder.glob(pattern)}
    taken.add(folder / MANIFEST)
    untaken = sorted(path for path in folder.iterdir() if path not in taken and DATA.fullmatch(path.name))
    notes = []
    for path in untaken[: limits.notes]:
        likely = nearest(path.name, [pattern for pattern in patterns if "*" not in pattern])
        # What is no misspelt table, or that and more, may be anything.
        is_misspelt = likely is not None and len(path.name) <= len(likely) + 2
        name = path.name if is_misspelt else f"{masked(path.stem)}{path.suffix}"
        notes.append(f"{name} belongs to no table and was not read" + (f"; is it {likely}?" if likely else ""))
    return limits.shortened([*notes, *(path.name for path in untaken[limits.notes :])])


def _matches(table: RawTable, folder: Path, limits: Limits) -> list[Path]:
    matching = {path for pattern in table.patterns for path in folder.glob(pattern) if not path.is_dir()}
    found = sorted(matching, key=lambda path: natural(path.relative_to(folder).as_posix()))
    if len(found) > limits.files:
        what = f"{len(found):,} files of the table {table.name}, and files allows {limits.files:,}"
        raise beyond("files", what, folder)
    names = shown_names(table, found, folder)
    for path in found:
        _require_inside(path, folder, folder / names[path])
        # Whoever opens a pipe waits for somebody to write into it, and some devices never end.
        if not path.is_file():
            raise CxError(
                "this is no regular file, and nothing else is opened",
                file=folder / names[path],
                next_step="put a file in its place, or remove it",
            )
    return found


def _table_files(table: RawTable, paths: list[Path], folder: Path, means: Means) -> TableFiles:
    names = shown_names(table, paths, folder)
    drift: list[str] = []
    files = []
    for path in paths:
        with named(path, folder / names[path]):
            file = _raw_file(table, path, names[path], folder / names[path], means)
            drift += compared(table, list(file.columns), name=file.name, location=file.location, kind="file")
        files.append(file)
    scanned = []
    for file in files:
        with named(file.path, file.location):
            scanned.append(file if file.is_parquet else _scanned(table, file, means))
    for file in scanned:
        count = sum(bad.rule == text_files.LINE_RULES["INVALID ENCODING"] for bad in file.scan.bad_lines)
        if count:
            drift.append(
                f"{file.name}: {count:,} line{'s are' if count > 1 else ' is'} not UTF-8; if the file is in another"
                " encoding, declare it in the source's .yml (encoding: latin-1)"
            )
    return TableFiles(table, tuple(scanned), means.limits.shortened(drift))


@contextmanager
def named(path: Path, location: Path) -> Iterator[None]:
    """An error about the file says where it lies as people may read it."""
    try:
        yield
    except CxError as error:
        error.what = error.what.replace(str(path), str(location))
        if error.file == str(path):
            error.file = str(location)
        raise


def _raw_file(table: RawTable, path: Path, name: str, location: Path, means: Means) -> RawFile:
    try:
        require_whole(path, means.limits)
        if path.suffix == ".parquet":
            return RawFile(
                path,
                name,
                location,
                parquet_columns(table, path, means.connection, means.limits),
                None,
                means.limits.line_bytes,
            )
        encoding = text_files.encoding_of(path) or table.encoding
        other = encoding if encoding != "utf-8" else None
        delimiter, columns = _header(path, other, means.limits)
        _require_header(table, columns, path)
        file = RawFile(path, name, location, dict.fromkeys(columns, "VARCHAR"), delimiter, means.limits.line_bytes)
        if text_files.holds_nul(path, means.limits.line_bytes) or other is not None:
            file = _copied(table, file, other, means)
        return file
    except text_files.EndlessLineError as error:
        most = text_files.longest(means.limits.line_bytes)
        what = f"a line is longer than {most:,} bytes, and line_bytes allows {means.limits.line_bytes:,}"
        raise beyond("line_bytes", what, path) from error
    except duckdb.Error as error:
        raise unreadable(path, error) from error
    except OSError as error:
        raise CxError(f"the file cannot be read: {error.strerror or error}", file=path) from error


def _header(path: Path, encoding: str | None, limits: Limits) -> tuple[str, list[str]]:
    """The delimiter of a text file and the columns that its first line names. Raises CxError when it is no header."""
    try:
        line = text_files.first_line(path, encoding, limits.line_bytes)
        if len(line) > limits.line_bytes:
            what = f"its first line is longer than the {limits.line_bytes:,} bytes that line_bytes allows"
            raise beyond("line_bytes", what, path, line=1)
        header = line.decode("utf-8-sig")
    except UnicodeError as error:
        if encoding is not None:
            raise text_files.not_in_encoding(path, encoding) from error
        problem = "the file cannot be read: its header is not UTF-8"
        raise CxError(problem, file=path, line=1, next_step=ENCODING_STEP) from error
    if not header.strip():
        problem = "the first line is blank: it has no header" if header else "the file is empty: it has no header"
        raise CxError(problem, file=path, next_step="begin the file with a line of column names, or remove it")
    if "\0" in header:
        problem = "the header holds NUL characters: is the file UTF-16 without a byte-order mark?"
        raise CxError(problem, file=path, line=1, next_step=ENCODING_STEP)
    delimiter = max(DELIMITERS, key=header.count)
    csv.field_size_limit(max(limits.line_bytes, csv.field_size_limit()))
    columns = [column.strip() for column in next(csv.reader([header], delimiter=delimiter))]
    require_few_columns(len(columns), path, limits)
    return delimiter, columns


def _copied(table: RawTable, file: RawFile, encoding: str | None, means: Means) -> RawFile:
    """The file with a copy that DuckDB can read; what is not read is not in the copy either."""
    read = {column.name for column in table.columns if _is_read(column, file)}
    shown = [position for position, column in enumerate(file.columns) if column in read]
    hiding = Hiding(file.delimiter or ",", shown)
    return replace(file, copy=Copy(file.readable, encoding, means.folder, hiding))


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


def _scanned(table: RawTable, file: RawFile, means: Means) -> RawFile:
    """The file with its rows counted and the lines found that are none."""
    columns = [file.reference(column.name) for column in table.columns if _is_read(column, file)]
    numbers = [c.name for c in table.columns if _is_read(c, file) and c.is_number and c.decimal is None]
    asked = amounts.counts([file.reference(name) for name in numbers])
    most = means.limits.bad_lines
    errors = (most + 1) * len(file.columns)
    try:
        try:
            scan = text_files.scan(means.connection, file.text_relation, columns, asked, errors, most, _is_small(file))
        except duckdb.InvalidInputException as error:
            if not text_files.has_several_endings(error):
                raise
            # Several kinds of line endings in one file.
            file = _copied(table, file, None, means)
            scan = text_files.scan(means.connection, file.text_relation, columns, asked, errors, most, _is_small(file))
    except duckdb.Error as error:
        raise unreadable(file.path, error) from error
    except text_files.TooManyBadLinesError as error:
        what = f"more than the {most:,} lines that bad_lines allows are no rows"
        raise beyond("bad_lines", what, file.path) from error
    except text_files.UnclosedQuoteError as error:
        opening = text_files.BadLine(error.start, "", "")
        _, lines = text_files.line_numbers(file.readable, file.delimiter or ",", (), [opening], file.line_bytes)
        raise _unclosed(file, lines.get(error.start)) from error
    if scan.bad_lines and not _is_small(file):
        line = text_files.line_of_endless_value(file.readable, file.delimiter or ",", file.line_bytes)
        if line is not None:
            raise _unclosed(file, line)
    require_few_rows(scan.rows, file.path, means.limits)
    return replace(file, scan=scan, amounts=amounts.found(numbers, scan.told))


def _unclosed(file: RawFile, line: int | None) -> CxError:
    return CxError(
        "the file cannot be read: a quote is opened and never closed",
        file=file.path,
        line=line,
        next_step="close the quote, or double it where it is part of a value",
    )


def _is_small(file: RawFile) -> bool:
    return file.readable.suffix == ".csv" and file.readable.stat().st_size < SMALL


def _is_read(column: RawColumn, file: RawFile) -> bool:
    return column.name in file.columns and column.personal != "drop"


def shown(column: str) -> str:
    """A column of a header as people may see it: masked when it looks like a value rather than a name."""
    return column if COLUMN_NAME.fullmatch(column) else masked(column)


def masked(text: str) -> str:
    """Digits as 9, letters as a, controls as blanks and signs of ASCII as they are, at most 40, as in quarantine."""
    return "".join(_masked(character) for character in text[:40])


def _masked(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith("L"):
        return "a"
    shown = character if " " <= character <= "~" else ""
    return {"Nd": "9", "Cc": " "}.get(category, shown)


def compared(table: RawTable, columns: list[str], *, name: str, location: Path | str, kind: str) -> list[str]:
    """How the columns of a file or stored table differ from the declaration, in sentences.

    Raises CxError for a missing required column, and without any column to read: every row would be one of nothing.
    """
    declared = [column.name for column in table.columns]
    extra = [column for column in columns if column not in declared]
    missing = [column for column in table.columns if column.name not in columns]
    for column in missing:
        if column.name in table.required:
            raise _missing(table, column.name, columns, extra, location, kind)
    read = [column.name for column in table.columns if column.personal != "drop"]
    if not set(columns) & set(read):
        pairs = ((shown(given), nearest(given, read)) for given in columns)
        rename = next((f"rename the column '{given}' to '{likely}'" for given, likely in pairs if likely), None)
        raise CxError(
            f"no column of the table {table.name} is in this {kind}",
            file=location,
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
    table: RawTable, column: str, columns: list[str], extra: list[str], location: Path | str, kind: str
) -> CxError:
    looks_like = nearest(column, extra)
    step = f"rename the column '{shown(looks_like)}' to '{column}'" if looks_like else f"add the column '{column}'"
    return CxError(
        f"the required column '{column}' of table {table.name} is missing",
        file=location,
        got=", ".join(shown(column) for column in ([looks_like] if looks_like else columns)),
        allowed=[declared.name for declared in table.columns],
        next_step=f"{step} in this {kind}",
    )


def unreadable(path: Path, error: duckdb.Error) -> CxError:
    """DuckDB's complaint about a file in one line, without the raw line it quotes: that may hold personal data."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return beyond("memory_megabytes", "to read it takes more memory than memory_megabytes allows", path)
    text = str(error).split("Original Line:")
    first = text[0].strip().splitlines()[0]
    reasons = text[1].splitlines()[1:] if len(text) > 1 else []
    known = ("Expected", "Value with", "Invalid unicode", "Error when", "Maximum line")
    reason = next((line for line in reasons if line.startswith(known)), "")
    said = first.split("Error: ", 1)[-1] + (f" {reason.strip()}" if reason else "")
    return CxError(f"the file cannot be read: {said}", file=path, next_step="correct the file, or remove it")
