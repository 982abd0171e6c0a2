"""Text files below the level of rows: encoding and line endings, lines that are no rows, and where a row stands.

DuckDB reads UTF-8 with one kind of line ending, and NUL characters at random: 1.5.6 returns a line that holds some and
has too many columns now as a row and now not. A file with anything else is read from a copy without it, which is gone
with the object that names it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.inputs.archives import CHUNK, opened
from cxmetrics.inputs.hiding import Hiding

# DuckDB reads a file in parts of sixteen times its longest line, and loses a line that is longer than one.
BUFFER_SHARE = 8
# What stands for a character that cannot be read.
REPLACEMENT = "\ufffd"
BYTE_ORDER_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

TOO_LONG = "line_that_is_too_long"
# The blank lines before it are part of a line for DuckDB.
BAD_LINES = """
    select line_byte_position + length(min(csv_line)) - length(ltrim(min(csv_line), chr(13) || chr(10))),
        min(error_type::varchar), left(ltrim(min(csv_line), chr(13) || chr(10)), 200),
        max(error_type::varchar) in ('UNQUOTED VALUE', 'LINE SIZE OVER MAXIMUM')
            and contains(ltrim(min(csv_line), chr(13) || chr(10)), chr(10))
    from reject_errors group by line_byte_position order by 1
"""
# What DuckDB says of a line that is no row -> the rule by which it is rejected.
LINE_RULES = {
    "MISSING COLUMNS": "line_with_too_few_columns",
    "TOO MANY COLUMNS": "line_with_too_many_columns",
    "UNQUOTED VALUE": "line_with_a_stray_quote",
    "INVALID ENCODING": "line_that_is_not_utf_8",
    "LINE SIZE OVER MAXIMUM": TOO_LONG,
}


@dataclass(frozen=True)
class BadLine:
    """A line that is no row. ``start`` is its first byte, counted from 1 in the text that DuckDB read."""

    start: int
    rule: str
    text: str


@dataclass(frozen=True)
class Scan:
    """What one pass over a text file found. ``told``: the numbers of the aggregates that were asked for;
    ``footer``: lines at the end that a report has and a table has not."""

    rows: int
    bad_lines: tuple[BadLine, ...]
    told: tuple[int, ...] = ()
    footer: tuple[BadLine, ...] = ()


class TooManyBadLinesError(Exception):
    """More lines are no rows than may be."""


class UnclosedQuoteError(Exception):
    """A quote is never closed, and what follows it would be one value. ``start``: as of a bad line."""

    def __init__(self, start: int):
        super().__init__(start)
        self.start = start


class Copy:
    """A file in UTF-8 with one kind of line ending and U+FFFD for NUL, made from another in a folder that is nobody
    else's; removed when nobody holds it. It holds the columns that are read and crosses for the others.

    Raises CxError for what cannot be decoded.
    """

    def __init__(self, original: Path, encoding: str | None, folder: Path, hiding: Hiding, is_escaped: bool = False):
        self._folder = tempfile.TemporaryDirectory(dir=folder)
        self.path = Path(self._folder.name) / "copy.csv"
        try:
            with opened(original) as stream, self.path.open("wb") as copy:
                parts = _one_kind(_utf_8(stream, encoding))
                for part in _doubled(parts) if is_escaped else parts:
                    copy.write(hiding.hidden(part.replace(b"\0", REPLACEMENT.encode())))
        except UnicodeError as error:
            raise not_in_encoding(original, encoding) from error


def not_in_encoding(path: Path, encoding: str | None) -> CxError:
    """The refusal of a file that is not in the encoding that is declared."""
    return CxError(
        f"the file is not in the encoding {encoding}",
        file=path,
        next_step="correct encoding in the source's .yml, or export the file in that encoding",
    )


def first_line(path: Path, encoding: str | None, most: int) -> bytes:
    """The first line in UTF-8, with its ending, so that a blank one differs from none; at most ``most`` bytes and a
    few more. Raises UnicodeError."""
    content = b""
    with opened(path) as stream:
        for part in _one_kind(_utf_8(stream, encoding)):
            content += part
            if b"\n" in part or len(content) > most:
                break
    return content.partition(b"\n")[0] + b"\n" if content else b""


def head(path: Path, encoding: str | None, most: int) -> str:
    """The beginning of a text, at most ``most`` bytes and a few more, with one kind of line ending."""
    content = b""
    with opened(path) as stream:
        for part in _one_kind(_utf_8(stream, encoding)):
            content += part
            if len(content) > most:
                break
    return content.decode("utf-8-sig", errors="replace")


def tail(path: Path, most: int) -> tuple[int, bytes]:
    """The end of a text file of at most ``most`` bytes and a few more, and the number of bytes before it."""
    content, before = b"", 0
    with opened(path) as stream:
        while chunk := stream.read(CHUNK):
            content += chunk
            passed = max(len(content) - most, 0) if len(content) > 2 * most else 0
            content, before = content[passed:], before + passed
    return before, content


def _utf_8(stream: io.BufferedIOBase, encoding: str | None) -> Iterator[bytes]:
    """The content in UTF-8; as it is when no encoding is named."""
    decoder = codecs.getincrementaldecoder(encoding)() if encoding else None
    while chunk := stream.read(CHUNK):
        yield decoder.decode(chunk).encode() if decoder else chunk
    if decoder:
        yield decoder.decode(b"", True).encode()


def _one_kind(parts: Iterator[bytes]) -> Iterator[bytes]:
    carried = b""
    for part in parts:
        content = carried + part
        # The two characters of one line ending may lie in two parts.
        carried = b"\r" if content.endswith(b"\r") else b""
        yield content.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if carried:
        yield b"\n"


def encoding_of(path: Path) -> str | None:
    """The encoding that the first bytes state beyond doubt, if they do."""
    with opened(path) as stream:
        return BYTE_ORDER_MARKS.get(stream.read(2))


class EndlessLineError(Exception):
    """A line is so long that DuckDB would lose it without a word."""


def longest(line_bytes: int) -> int:
    """How long a line may be to be found at all, when one of more than ``line_bytes`` is rejected."""
    return BUFFER_SHARE * max(line_bytes, CHUNK)


def holds_nul(path: Path, line_bytes: int) -> bool:
    """Whether a NUL character is in a text file. Raises EndlessLineError for a line that is much longer than lines of
    ``line_bytes``, which DuckDB rejects, may be."""
    found, length, most = False, 0, longest(line_bytes)
    with opened(path) as stream:
        for chunk in iter(lambda: stream.read(CHUNK), b""):
            found = found or b"\0" in chunk
            end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            length = length + len(chunk) if end < 0 else len(chunk) - end - 1
            if length > most:
                raise EndlessLineError
    return found


def _doubled(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Quotes behind a backslash as CSV writes them, doubled; of the same length, so that places stay what they are."""
    carried = b""
    for part in parts:
        content = carried + part
        # A backslash may be parted from what it escapes.
        ends = len(content) - len(content.rstrip(b"\\"))
        carried = b"\\" if ends % 2 else b""
        whole = content[: len(content) - len(carried)]
        yield re.sub(rb"\\(.)", lambda found: b'""' if found[1] == b'"' else found[0], whole, flags=re.DOTALL)
    if carried:
        yield carried


def has_several_endings(error: duckdb.Error) -> bool:
    """Whether DuckDB says of a file that it has several kinds of line endings."""
    return "invalid state" in str(error)


def scan(
    reader: duckdb.DuckDBPyConnection,
    relation: Callable[[Sql], Sql],
    columns: Sequence[str],
    asked: Sequence[Sql],
    most_errors: int,
    most: int,
    is_small: bool,
) -> Scan:
    """Count rows and find the lines that are none, up to ``most_errors``: a line may have one a column. ``relation(
    options)`` is the SQL that reads the file, ``asked`` are aggregates of its columns.

    Only the columns that are loaded are looked at: what stands in others is nobody's business. Raises
    TooManyBadLinesError for more than ``most`` of them, UnclosedQuoteError, and duckdb.Error for a file that cannot be
    read.
    """
    every = [Sql("count(*)"), *(sql("count({column})", column=column) for column in columns)]

    def numbers(options: Sql, counted: Sequence[Sql]) -> tuple[int, ...]:
        query = sql("select {counts} from {relation}", counts=joined(counted), relation=relation(options))
        found: tuple[int, ...] = reader.execute(query).fetchall()[0]
        return found

    def rows(options: Sql, counted: Sequence[Sql] = every) -> int:
        return numbers(options, counted)[0]

    # Nearly every file is whole. DuckDB needs a ten thousandth of a second for each line that is none: they are counted
    # before, by what a reader finds that is content with any line. Where a long value lies between quotes, a reader
    # that begins in its middle takes its lines for rows.
    try:
        found = numbers(Sql("ignore_errors = false"), [*every, *asked])
        return Scan(found[0], (), found[len(every) :])
    except duckdb.Error as error:
        if has_several_endings(error):
            raise
    lenient = Sql("ignore_errors = true, null_padding = true, strict_mode = false, parallel = false")
    strict = Sql("ignore_errors = true, parallel = false")
    with suppress(duckdb.Error):
        if rows(lenient, every[:1]) - rows(strict) > 2 * most:
            raise TooManyBadLinesError
    # One reader alone finds a value of very many lines; several find a quote that is never closed, and where it is, but
    # need minutes for a large file. Of that, the load says that it cannot be read.
    for mode in (Sql("parallel = false"), *([Sql("parallel = true")] if is_small else [])):
        for table in ("reject_errors", "reject_scans"):
            reader.execute(f"drop table if exists {table}")
        # The tables of what was found are there when the whole answer was fetched.
        options = sql("store_rejects = true, rejects_limit = {most}, {mode}", most=most_errors, mode=mode)
        counted, *_ = answer = numbers(options, [*every, *asked])
        rejected = reader.execute(BAD_LINES).fetchall()
        if any(LINE_RULES.get(kind) == TOO_LONG for _, kind, *_ in rejected):
            break
    for start, _, _, swallows_lines in rejected:
        if swallows_lines:
            raise UnclosedQuoteError(start)
    bad = tuple(BadLine(start, LINE_RULES.get(kind, "line_that_is_no_row"), text) for start, kind, text, _ in rejected)
    if len(bad) > most:
        raise TooManyBadLinesError
    return Scan(counted, bad, answer[len(every) :])


def line_of_endless_value(path: Path, delimiter: str, line_bytes: int) -> int | None:
    """The line on which a row begins that has a value longer than the ``longest`` line, if there is one: DuckDB loses
    such a row, and with it all lines behind a quote that is never closed."""
    csv.field_size_limit(longest(line_bytes))
    with opened(path) as stream:
        reader = csv.reader((line.decode("utf-8", errors="replace") for line in stream), delimiter=delimiter)
        first = 1
        try:
            for _ in reader:
                first = reader.line_num + 1
        except csv.Error:
            return first
    return None


def line_numbers(
    path: Path, delimiter: str, rows: Collection[int], bad_lines: Sequence[BadLine], most: int, headers: int = 1
) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """The line each row begins on, by its number (the first row after the ``headers`` is 1), and the line of each bad
    one, by its start.

    What cannot be found out is left out. Of a line only ``most`` bytes are looked at: a longer one is no row.
    """
    starts = {bad.start - 1 for bad in bad_lines}
    lines_of_bad = _Found()
    lines_of_rows: dict[int, int] = {}
    with opened(path) as stream:
        lines = _lines(stream, starts, lines_of_bad, most)
        if rows:
            try:
                lines_of_rows.update(_records(lines, delimiter, lines_of_bad, max(rows), headers))
            except csv.Error:
                lines_of_rows.clear()
        while len(lines_of_bad) < len(starts) and next(lines, None) is not None:
            pass
    return {row: lines_of_rows[row] for row in rows if row in lines_of_rows}, lines_of_bad


class _Found(dict[int, int]):
    """Lines by start, which also knows quickly whether it holds a line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: set[int] = set()

    def __setitem__(self, start: int, line: int) -> None:
        super().__setitem__(start, line)
        self.lines.add(line)


def _lines(stream: io.BufferedIOBase, starts: set[int], found: _Found, most: int) -> Iterator[str]:
    """The lines of a file; those that begin at one of ``starts`` are put into ``found`` under their start."""
    at, number = 0, 0
    while line := stream.readline(most):
        number += 1
        if at in starts:
            found[at + 1] = number
        at += len(line)
        end = line
        while end and not end.endswith(b"\n"):
            end = stream.readline(most)
            at += len(end)
        yield line.decode("utf-8", errors="replace")


def _records(lines: Iterator[str], delimiter: str, bad: _Found, last: int, headers: int) -> Iterator[tuple[int, int]]:
    """Number and first line of each row up to the ``last`` one wanted. The last line of the header is row 0."""
    csv.field_size_limit(1 << 24)
    reader = csv.reader(lines, delimiter=delimiter)
    number, first_line, columns = -headers, 1, 0
    for record in reader:
        columns = columns or len(record)
        # A blank line is no row, unless a row is but one value; bad lines become known as they are passed.
        if (record or columns == 1) and first_line not in bad.lines:
            number += 1
            if number > 0:
                yield number, first_line
            if number == last:
                return
        first_line = reader.line_num + 1
