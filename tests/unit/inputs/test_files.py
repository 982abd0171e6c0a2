"""Which files are found, and what is said when they are not there or not as declared."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from cxmetrics.engines.file_reader import FileReader
from cxmetrics.errors import CxError
from cxmetrics.inputs import reading
from cxmetrics.inputs.declaration import read_source
from cxmetrics.inputs.files import find_files
from cxmetrics.inputs.limits import Limits
from support.raw_inputs import DECLARATION, Inputs

GOOD = "ticket_id,created_at,status,minutes\n1,2024-01-01 10:00,open,5\n"


def refused(shop: Inputs) -> CxError:
    with pytest.raises(CxError) as caught:
        shop.load()
    assert caught.value.exit_code == 2
    return caught.value


def test_a_missing_raw_folder_is_named_with_the_next_step(shop: Inputs):
    shop.raw.rmdir()
    assert str(refused(shop)) == (
        f"{shop.raw}: the raw folder does not exist\n"
        "  next:    cx demo makes synthetic data to try; --raw DIR reads your own"
    )


def test_a_folder_without_any_file_lists_the_names_that_are_looked_for(shop: Inputs):
    error = refused(shop)
    assert error.what == "no file of source shop here"
    assert error.file == str(shop.raw)
    assert error.allowed == ["tickets", "agents"]
    assert ".csv, .parquet, .json, .jsonl" in str(error.next_step)


def test_a_required_table_without_a_file_is_an_error(shop: Inputs):
    shop.declare(DECLARATION.replace("key: [ticket_id]", "key: [ticket_id]\n              is_required: true"))
    shop.give("agents.csv", "agent_id,is_active\n1,yes\n")
    error = refused(shop)
    assert error.what == "the required table tickets of source shop has no file"
    assert "tickets.csv" in error.allowed


def test_a_missing_required_column_names_the_nearest_column_of_the_file(shop: Inputs):
    path = shop.give("tickets.csv", "ticket_id,Created At,status\n1,2024-01-01,open\n")
    assert str(refused(shop)) == (
        f"{path}: the required column 'created_at' of table tickets is missing\n"
        "  got:     Created At\n"
        "  allowed: ticket_id, created_at, status, minutes\n"
        "  nearest: created_at\n"
        "  next:    rename the column 'Created At' to 'created_at' in this file"
    )


def test_a_missing_required_column_without_a_likeness_says_what_to_add(shop: Inputs):
    shop.give("tickets.csv", "ticket_id\n1\n")
    assert refused(shop).next_step == "add the column 'created_at' in this file"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"agent,active\n1,2\n", "agent"),
        # Lines DuckDB would count without looking at them: more values than columns, several kinds of line endings.
        (b"agents_id\na2,0,d,\r\nd,1", "agents_id"),
    ],
)
def test_a_file_without_any_column_to_read_is_not_rows_of_nothing(shop: Inputs, content: bytes, named: str):
    (shop.raw / "agents.csv").write_bytes(content)
    error = refused(shop)
    assert error.what == "no column of the table agents is in this file"
    assert error.file == str(shop.raw / "agents.csv")
    assert error.next_step == f"rename the column '{named}' to 'agent_id'"


def test_a_parquet_file_without_any_column_to_read_is_not_rows_of_nothing(shop: Inputs):
    duckdb.sql("select 1 as colour").write_parquet(str(shop.raw / "agents.parquet"))
    error = refused(shop)
    assert error.what == "no column of the table agents is in this file"
    assert error.next_step == "name its columns as they are declared"


def test_missing_optional_and_unknown_columns_are_noted(shop: Inputs):
    shop.give("tickets.csv", "ticket_id,created_at,status,minute,colour\n1,2024-01-01,open,3,red\n")
    assert shop.table("tickets").drift == (
        "tickets.csv: column 'minute' is not declared and was ignored; is it 'minutes'?",
        "tickets.csv: column 'colour' is not declared and was ignored",
        "tickets.csv: optional column not given: minutes",
    )
    assert shop.query("select minutes from raw_shop.tickets") == [(None,)]


@pytest.mark.parametrize("name", ["tickets.csv", "tickets.csv.gz"])
def test_text_files_are_read_plain_and_compressed(shop: Inputs, name: str):
    shop.give(name, GOOD)
    assert shop.table("tickets").accepted == 1


@pytest.mark.parametrize("name", ["tickets.parquet", "tickets/2024.parquet", "tickets.csv.zst"])
def test_files_that_duckdb_writes_are_read(shop: Inputs, name: str):
    (shop.raw / name).parent.mkdir(exist_ok=True)
    options = "format csv, header, compression zstd" if name.endswith(".zst") else "format parquet"
    duckdb.sql(f"copy (select 't1' as ticket_id, date '2024-01-01' as created_at) to '{shop.raw / name}' ({options})")
    assert shop.table("tickets").accepted == 1


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_recognised_by_the_header(shop: Inputs, delimiter: str):
    shop.give("tickets.csv", GOOD.replace(",", delimiter))
    assert shop.table("tickets").accepted == 1


def test_byte_order_mark_quotes_and_carriage_returns_are_read(shop: Inputs):
    (shop.raw / "tickets.csv").write_bytes(
        b'\xef\xbb\xbf"ticket_id","created_at","status"\r\n"a,\r\n""b""",2024-01-01,open\r\n'
    )
    shop.load()
    assert shop.query("select ticket_id, status from raw_shop.tickets") == [('a,\r\n"b"', "open")]


def test_a_header_may_hold_unnamed_and_strange_columns(shop: Inputs):
    shop.give("tickets.csv", 'ticket_id,,created_at,Status,status,"a""b\'c",select\nt1,x,2024-01-01,y,open,1,2\n')
    shop.load()
    assert shop.query("select ticket_id, status, created_at::date::varchar from raw_shop.tickets") == [
        ("t1", "open", "2024-01-01")
    ]


@pytest.mark.parametrize("name", ["a*", "a?", "a[bc]", "it's"])
def test_a_folder_name_is_no_pattern(shop: Inputs, name: str):
    beside = shop.raw
    shop.raw = beside / "ab"
    shop.give("tickets.csv", GOOD)
    shop.raw = beside / name
    shop.give("tickets.csv", GOOD)
    assert shop.table("tickets").raw == 1


def test_a_folder_named_after_the_source_is_preferred(shop: Inputs):
    shop.give("tickets.csv", "wrong\n")
    shop.give("shop/tickets.csv", GOOD)
    assert shop.table("tickets").accepted == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty: it has no header"),
        ("\n" + GOOD, "the first line is blank: it has no header"),
        ("ticket_id,created_at,status,status\n", "the header names the column 'status' twice"),
        (GOOD + '2,"SECRET\n', "the file cannot be read: a quote is opened and never closed"),
        (GOOD + '2,"SECRET\n3,2024-01-01,open,1\n', "the file cannot be read: a quote is opened and never closed"),
        ("ticket_id,created_at,SECRET\xeb\n".encode("latin-1"), "the file cannot be read: "),
        ("ticket_id,SECRET\n1,2\n".encode("utf-16-le"), "the header holds NUL characters: is the file UTF-16 "),
        ("SECRET,4111 1111,Main 12\n1,2,3\n", "the first line names no column of the table tickets: is it a header?"),
    ],
)
def test_a_broken_text_file_is_named_without_its_content(shop: Inputs, content: str | bytes, said: str):
    path = shop.raw / "tickets.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    error = refused(shop)
    assert error.file == str(path)
    assert error.what.startswith(said)
    assert "SECRET" not in str(error)
    assert "\n" not in error.what


def test_a_file_with_lines_of_old_macs_is_not_taken_for_one_header(shop: Inputs):
    (shop.raw / "tickets.csv").write_bytes(GOOD.replace("\n", "\r").encode() + b"\xff,2024-01-01,open,1\r")
    table = shop.table("tickets")
    assert (table.raw, table.rejected) == (2, 1)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (b"2,2024-01-01,open,1,SECRET", "line_with_too_many_columns"),
        (b"2,SECRET", "line_with_too_few_columns"),
        (b'2,2024-01-01,"SECRET" open,1', "line_with_a_stray_quote"),
        (b"2,2024-01-01,SECRET\xeb,", "line_that_is_not_utf_8"),
        (b"2,\0SECRET", "line_with_too_few_columns"),
        (b"2,2024-01-01," + b"SECRET" * 400_000 + b",", "line_that_is_too_long"),
    ],
)
def test_a_line_that_is_no_row_is_rejected_with_its_number(shop: Inputs, line: bytes, rule: str):
    # The value of two lines and the blank line make the number of a line differ from that of a row.
    rows = b'1,2024-01-01,"open",1\n"a\nb",2024-01-01,open,1\n\n' + line + b"\n3,2024-01-01,lost,1\n"
    (shop.raw / "tickets.csv").write_bytes(b"ticket_id,created_at,status,minutes\n" + rows)
    table = shop.table("tickets")
    assert (table.raw, table.accepted, table.rejected) == (4, 2, 2)
    assert shop.query(
        "select rule, row_key, file_line from quarantine.rejected_rows"
        " where not contains(masked_value, 'SECRET') order by file_line"
    ) == [(rule, "tickets.csv:6", 6), ("expect_column_values_to_be_in_set", "3", 7)]


def test_lines_with_nul_that_are_no_rows_are_no_rows_every_time(shop: Inputs, tmp_path: Path):
    # DuckDB returns the last one now as a row and now not, the more often the longer its query.
    (shop.raw / "agents.csv").write_bytes(b"agent_idss,is_active\naaaaaaaaaa\na\0\0\0,,,\0\0\0,,,\n")
    source = read_source(shop.project, shop.source)
    for _ in range(30):
        (found,) = [files for files in find_files(source, shop.raw, FileReader(), Limits(), tmp_path) if files.parts]
        with duckdb.connect() as reader:
            select = reading.select_rows(found.table, found.files[0], 1)
            assert (found.bad_lines, reader.execute(select).fetchall()) == (2, [])


def test_a_broken_parquet_file_is_named(shop: Inputs):
    path = shop.give("tickets.parquet", "not parquet")
    error = refused(shop)
    assert error.file == str(path)
    assert error.what.startswith("the file cannot be read: ")


def test_a_parquet_file_that_breaks_off_is_named(shop: Inputs, tmp_path: Path):
    path = shop.raw / "tickets.parquet"
    duckdb.sql(
        "select range::varchar as ticket_id, timestamp '2024-01-01' as created_at from range(1000)"
    ).write_parquet(str(path))
    path.write_bytes(path.read_bytes()[:-20])
    assert refused(shop).file == str(path)
