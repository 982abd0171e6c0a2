"""Text files below the level of rows."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import duckdb
import pytest

from cxmetrics.engines.quoting import literal
from cxmetrics.engines.sql import Sql, sql
from cxmetrics.errors import CxError
from cxmetrics.inputs.hiding import Hiding
from cxmetrics.inputs.text_files import (
    BadLine,
    Copy,
    Scan,
    UnclosedQuoteError,
    encoding_of,
    holds_nul,
    line_numbers,
    scan,
)


def scanned(file: Path) -> Scan:
    """One pass over a file of two columns."""

    def relation(options: Sql) -> Sql:
        columns = Sql("{column_0: 'VARCHAR', column_1: 'VARCHAR'}")
        read = "read_csv({file}, auto_detect = false, header = true, columns = {columns}, quote = '\"', {options})"
        return sql(read, file=literal(str(file)), columns=columns, options=options)

    with duckdb.connect() as reader:
        return scan(reader, relation, ["column_0", "column_1"], [], 10, 4, True)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (codecs.BOM_UTF16_LE + "a,b\n".encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + "a,b\n".encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF8 + b"a,b\n", None),
        (b"a,b\n", None),
        (b"", None),
    ],
)
def test_the_first_bytes_state_an_encoding(tmp_path: Path, content: bytes, encoding: str | None):
    (tmp_path / "a.csv").write_bytes(content)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    assert encoding_of(tmp_path / "a.csv") == encoding_of(tmp_path / "a.csv.gz") == encoding


def test_a_copy_is_utf_8_with_one_kind_of_line_ending_and_gone_when_nobody_holds_it(tmp_path: Path):
    original = tmp_path / "a.csv"
    # The two characters of a line ending lie in two chunks.
    text = "x" * ((1 << 19) - 2) + "\r\nZoë\r\0\n" + "é" * (1 << 20) + "\r"
    original.write_bytes(text.encode("utf-16"))
    copy = Copy(original, "utf-16", tmp_path, Hiding(",", [0]))
    path = copy.path
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    assert path.read_bytes().decode().removeprefix("\ufeff") == plain
    assert (holds_nul(original, 1_000), holds_nul(path, 1_000)) == (True, False)
    del copy
    assert not path.exists()


def test_a_file_in_another_encoding_than_declared_is_named(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(b"a,b\n\x81\n")
    with pytest.raises(CxError, match="the file is not in the encoding windows-1252") as caught:
        Copy(tmp_path / "a.csv", "windows-1252", tmp_path, Hiding(",", [0, 1]))
    assert caught.value.file == str(tmp_path / "a.csv")


def test_rows_are_counted_and_lines_that_are_none_are_found(tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_bytes(b'a,b\n1,"two\nlines"\nonly\n2,3\n\n4,5,6\n7,8\n')
    found = scanned(file)
    assert found.rows == 3
    assert [(bad.rule, bad.text) for bad in found.bad_lines] == [
        ("line_with_too_few_columns", "only"),
        ("line_with_too_many_columns", "4,5,6"),
    ]
    rows, lines = line_numbers(file, ",", [1, 2, 3, 9], found.bad_lines, 100)
    assert rows == {1: 2, 2: 5, 3: 8}
    assert [lines[bad.start] for bad in found.bad_lines] == [4, 7]


def test_a_quote_that_is_never_closed_is_no_value_of_many_lines(tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_bytes(b'a,b\n1,2\n3,"4\n5,6\n7,8\n')
    with pytest.raises(UnclosedQuoteError) as caught:
        scanned(file)
    _, lines = line_numbers(file, ",", [], [BadLine(caught.value.start, "", "")], 100)
    assert list(lines.values()) == [3]
