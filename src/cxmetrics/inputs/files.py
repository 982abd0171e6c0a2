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
from cxmetrics.inputs.reports import delimiter_told, footer, header_rows
from cxmetrics.inputs.text_files import Copy, Scan

DELIMITERS = (",", ";", "\t", "|")
# What looks like raw data, so that a file no table takes is not overlooked.
FILES_NAMED, COLUMNS_NAMED = 5, 5
DATA = re.compile(r".*\.(parquet|csv|tsv|txt|json|jsonl|xlsx?)(\.(gz|zst|zip|bz2))?", re.IGNORECASE)
ENCODING_STEP = "declare its encoding in the source's .yml (encoding: latin-1), or export it in UTF-8"
# What a column is called; anything else in a header may be a value.
COLUMN_NAME = re.compile(r"(?!.*[0-9]{4})[\w .()/%#:-]{0,40}")
# What DuckDB reads in one part.
SMALL = 16_000_000
# In what an export begins with its header rows.
HEAD = 1 << 16
JSON = re.compile(r"\.(json|jsonl|ndjson)(\.(gz|zst))?$")
JSON_STEP = "write one object per row, as a list or one a line"
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
    types in DuckDB; a text file's are all VARCHAR. ``headers`` is how many records come before its rows, ``copy`` what
    is read instead of a text file that DuckDB cannot read itself, ``scan`` what a text file holds, ``amounts`` what its
    numbers say. A line of it has ``line_bytes`` at most."""

    path: Path
    name: str
    location: Path
    columns: dict[str, str]
    delimiter: str | None
    line_bytes: int
    headers: int = 1
    copy: Copy | None = None
    scan: Scan = NOT_SCANNED
    amounts: Amounts = NO_AMOUNTS

    @property
    def is_parquet(self) -> bool:
        return self.path.suffix == ".parquet"

    @property
    def is_json(self) -> bool:
        return is_json(self.path)

    @property
    def is_text(self) -> bool:
        """Whether it has lines that are rows."""
        return not self.is_parquet and not self.is_json

    def reference(self, column: str) -> Sql:
        """SQL name of a column. Those of a text file go by position: a header may hold anything, also no name."""
        if not self.is_text:
            return identifier(column)
        return sql("column_{position}", position=list(self.columns).index(column))

    @property
    def readable(self) -> Path:
        """What is read."""
        return self.copy.path if self.copy else self.path

    def text_relation(self, options: Sql) -> Sql:
        """SQL that reads a text file; ``options`` say what becomes of lines that are no rows."""
        return sql(
            "read_csv({path}, auto_detect = false, {header}, columns = {{{columns}}},"
            " delim = {delimiter}, quote = '\"', escape = '\"', {options}, max_line_size = {most})",
            path=literal(escaped(self.readable)),
            columns=joined(sql("{name}: 'VARCHAR'", name=self.reference(name)) for name in self.columns),
            delimiter=literal(self.delimiter or ","),
            options=options,
            # Of several header rows, or a line before the header, all are left out alike.
            header=Sql("header = true") if self.headers == 1 else sql("header = false, skip = {n}", n=self.headers),
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
    if not any(found.values()):
        there = sorted(path for path in folder.iterdir() if DATA.fullmatch(path.name) and path.is_file())
        shown_there = [f"{masked(path.stem)}{path.suffix}" for path in there[:FILES_NAMED]]
        more = f", and {len(there) - FILES_NAMED:,} more" if len(there) > FILES_NAMED else ""
        raise CxError(
            f"no file of source {source.name} here",
            file=folder,
            got=f"{', '.join(shown_there)} (masked){more}" if there else None,
            allowed=[table.patterns[0].replace(".parquet", "") for table in source.tables],
            next_step="name each file after its table (.csv, .parquet, .json, .jsonl, or in a folder of that name), or"
            " name another folder with --raw DIR",
        )
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
            given = list(file.columns)
            drift += compared(table, given, name=file.name, location=file.location, kind="file", headers=file.headers)
        files.append(file)
    scanned = []
    for file in files:
        with named(file.path, file.location):
            scanned.append(_scanned(table, file, means) if file.is_text else file)
    for file in scanned:
        drift += _left_out(file)
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
        if is_json(path):
            return RawFile(path, name, location, json_columns(path, means), None, means.limits.line_bytes)
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
        delimiter, columns, headers = _header(path, other, table, means.limits)
        _require_header(table, columns, path)
        file = RawFile(
            path, name, location, dict.fromkeys(columns, "VARCHAR"), delimiter, means.limits.line_bytes, headers
        )
        is_escaped = table.escape == "backslash"
        if text_files.holds_nul(path, means.limits.line_bytes) or other is not None or is_escaped:
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


def _left_out(file: RawFile) -> Iterator[str]:
    """Sentences about lines of a file that are no rows and are not counted as such."""
    if file.headers > 1:
        yield f"{file.name}: its first {file.headers} rows are no data: the header, and what belongs to it"
    if file.scan.footer:
        _, lines = text_files.line_numbers(
            file.readable, file.delimiter or ",", (), file.scan.footer, file.line_bytes, file.headers
        )
        numbers = sorted(lines.values())
        which = f"lines {numbers[0]} to {numbers[-1]} are" if len(numbers) > 1 else f"line {numbers[0]} is"
        yield f"{file.name}: {which} the footer of a report and not read"
    escaped = sum('\\"' in bad.text for bad in file.scan.bad_lines)
    if escaped:
        yield (
            f"{file.name}: {escaped:,} of the lines that are no rows hold a backslash before a quote: if that is how"
            " the program writes quotes, declare escape: backslash for the table"
        )


def is_json(path: Path) -> bool:
    """Whether the name says that it holds JSON."""
    return JSON.search(path.name) is not None


def json_columns(path: Path, means: Means) -> dict[str, str]:
    """The keys of the objects of a file, as columns of text. Raises CxError when it holds anything else."""
    read = sql("read_json_objects({path}, format = 'auto')", path=literal(escaped(path)))
    keys = sql("select key, count(*) from (select unnest(json_keys(json)) as key from {read}) group by 1", read=read)
    others = sql("select count(*), count(*) filter (json_type(json) != 'OBJECT') from {read}", read=read)
    try:
        rows, wrong = means.connection.execute(others).fetchall()[0]
        names = sorted(key for key, _ in means.connection.execute(keys).fetchall()) if not wrong else []
    except duckdb.Error as error:
        raise CxError("the file is no JSON", file=path, next_step=JSON_STEP) from error
    if wrong or not names:
        raise CxError("the file does not hold one object per row", file=path, next_step=JSON_STEP)
    require_few_rows(rows, path, means.limits)
    require_few_columns(len(names), path, means.limits)
    return dict.fromkeys(names, "VARCHAR")


def _header(path: Path, encoding: str | None, table: RawTable, limits: Limits) -> tuple[str, list[str], int]:
    """The delimiter of a text file, the columns that its first line names and how many records come before its rows.

    Raises CxError when it is no header.
    """
    told = None
    try:
        line = text_files.first_line(path, encoding, limits.line_bytes)
        told = delimiter_told(line.decode("utf-8-sig")) if len(line) < 20 else None
        beginning = text_files.head(path, encoding, HEAD)
        if told is not None:
            beginning = beginning.partition("\n")[2]
            line = beginning.partition("\n")[0].encode() + b"\n" if beginning else b""
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
    delimiter = told or max(DELIMITERS, key=header.count)
    csv.field_size_limit(max(limits.line_bytes, csv.field_size_limit()))
    columns = [column.strip() for column in next(csv.reader([header], delimiter=delimiter))]
    require_few_columns(len(columns), path, limits)
    headers = table.header_rows or header_rows(beginning, delimiter)
    return delimiter, columns, headers + (told is not None)


def _copied(table: RawTable, file: RawFile, encoding: str | None, means: Means) -> RawFile:
    """The file with a copy that DuckDB can read; what is not read is not in the copy either."""
    read = {column.name for column in table.columns if _is_read(column, file)}
    shown = [position for position, column in enumerate(file.columns) if column in read]
    hiding = Hiding(file.delimiter or ",", shown)
    return replace(file, copy=Copy(file.readable, encoding, means.folder, hiding, table.escape == "backslash"))


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
    last = footer(file.readable, file.delimiter or ",", len(file.columns), scan.bad_lines)
    scan = replace(scan, bad_lines=tuple(bad for bad in scan.bad_lines if bad not in last), footer=last)
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


def compared(
    table: RawTable, columns: list[str], *, name: str, location: Path | str, kind: str, headers: int = 1
) -> list[str]:
    """How the columns of a file or stored table differ from the declaration, in sentences.

    Raises CxError for a missing required column, and without any column to read: every row would be one of nothing.
    """
    declared = [column.name for column in table.columns]
    extra = [column for column in columns if column not in declared]
    missing = [column for column in table.columns if column.name not in columns]
    if any(column.name in table.required for column in missing):
        raise _missing(table, columns, location, kind, headers)
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
    notes, ignored = [], []
    for given in extra:
        candidate = nearest(given, [column.name for column in missing])
        if candidate:
            notes.append(f"{name}: column '{shown(given)}' is not declared and was ignored; is it '{candidate}'?")
        else:
            ignored.append(f"'{shown(given)}'")
    if len(ignored) == 1:
        notes.append(f"{name}: column {ignored[0]} is not declared and was ignored")
    elif ignored:
        # What nobody needs is one line, however much of it there is.
        more = f" and {len(ignored) - COLUMNS_NAMED:,} more" if len(ignored) > COLUMNS_NAMED else ""
        named = ", ".join(ignored[:COLUMNS_NAMED])
        notes.append(f"{name}: {len(ignored):,} columns are not declared and were ignored: {named}{more}")
    if missing:
        names = ", ".join(column.name for column in missing)
        notes.append(f"{name}: optional column{'s' * (len(missing) > 1)} not given: {names}")
    return notes


def _missing(table: RawTable, columns: list[str], location: Path | str, kind: str, headers: int) -> CxError:
    """The refusal of what lacks required columns, with what can be renamed to be them."""
    absent = [column for column in table.required if column not in columns]
    extra = [column for column in columns if column not in {declared.name for declared in table.columns}]
    likely: dict[str, str] = {}
    for column in (declared.name for declared in table.columns if declared.name not in columns):
        found = nearest(column, extra)
        if found is None and [column] == list(table.key):
            # What identifies a ticket in a table of tickets is often called no more than that.
            found = next((given for given in extra if given.strip().lower() in ("id", "#", "number", "key")), None)
        if found is not None and found not in likely.values():
            likely[column] = found
    renamed = {column: given for column, given in likely.items() if column in absent or len(absent) > 1}
    others = [column for column in absent if column not in renamed]
    steps = []
    if renamed:
        pairs = ", ".join(f"'{shown(given)}' to '{column}'" for column, given in renamed.items())
        steps.append(f"rename the column{'s' * (len(renamed) > 1)} {pairs}")
    if others:
        steps.append(f"add the column{'s' * (len(others) > 1)} {', '.join(repr(column) for column in others)}")
    own = ", or map it as it is in a source of your own (cx new source NAME)" if len(absent) > 1 else ""
    rows = f"; the first {headers} rows belong to the header and are left out" if headers > 1 else ""
    many = len(absent) > 1
    return CxError(
        f"the required column{'s' * many} {', '.join(repr(column) for column in absent)} of table {table.name}"
        f" {'are' if many else 'is'} missing",
        file=location,
        got=", ".join(shown(column) for column in (list(renamed.values()) if renamed and not many else columns)),
        allowed=[declared.name for declared in table.columns],
        next_step=f"{' and '.join(steps)} in this {kind}{own}{rows}",
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
