"""How a text or a Parquet value becomes a value of the declared type."""

from __future__ import annotations

from datetime import date, datetime

import duckdb
import pytest

from support.raw_inputs import Inputs

TYPED = """
sources:
  - name: shop
    schema: raw_shop
    tables:
      - name: cells
        config: {meta: {cx: {max_rejected_share: 1, null_values: ["?", "n/a"]}}}
        columns:
          - {name: value, data_type: TYPE, config: {meta: {cx: {FORMAT}}}}
          - {name: other, data_type: string}
"""


def declare(shop: Inputs, data_type: str, format: str | None = None) -> None:
    shop.declare(TYPED.replace("TYPE", data_type).replace("FORMAT", f'format: "{format}"' if format else ""))


def read_text(shop: Inputs, data_type: str, text: str, format: str | None = None) -> tuple[object, str | None]:
    declare(shop, data_type, format)
    quoted = text.replace('"', '""')
    shop.give("cells.csv", f'value,other\n"{quoted}",x\n')
    return shop.read("value, _cx_uncastable")[0]


@pytest.mark.parametrize(
    ("data_type", "text", "value"),
    [
        ("string", " kept as it is ", " kept as it is "),
        ("string", "", None),
        ("string", "  ", None),
        ("string", "?", None),
        ("string", "n/a", None),
        ("bigint", "9007199254740993", 9007199254740993),
        ("integer", " 7 ", 7),
        ("integer", "5.0", 5),
        ("double", "-1.5e3", -1500.0),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("boolean", "t", True),
        ("boolean", "False", False),
        ("boolean", "1.0", True),
        ("boolean", "n", False),
        ("double", "NaN", None),
        ("integer", "#N/A", None),
        ("timestamp", r"\N", None),
        ("date", "None", None),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("timestamp", "2024-03-31 02:30", datetime(2024, 3, 31, 2, 30)),
        ("timestamp", "2024-01-01T10:00:00Z", datetime(2024, 1, 1, 10)),
        ("timestamp", "2024-01-01T10:00:00.25+05:30", datetime(2024, 1, 1, 4, 30, 0, 250000)),
        ("timestamp", "2024-01-01", datetime(2024, 1, 1)),
        ("timestamp", "2024-03-05 10:00:00 -0700", datetime(2024, 3, 5, 17)),
        ("timestamp", "2024-03-05 10:00:00 +05:30", datetime(2024, 3, 5, 4, 30)),
        ("timestamp", "2024-03-05 10:00 UTC", datetime(2024, 3, 5, 10)),
        ("timestamp", "2024-03-05 10:00:00 GMT", datetime(2024, 3, 5, 10)),
        ("timestamp", "2024/03/05 2:30:00 PM GMT+1", datetime(2024, 3, 5, 13, 30)),
        ("timestamp", "2024-03-05 12:05:00 AM", datetime(2024, 3, 5, 0, 5)),
        ("timestamp", "2024-03-05 02:30 p.m.", datetime(2024, 3, 5, 14, 30)),
        ("timestamp", "2024-07-01 09:30:00 Europe/London", datetime(2024, 7, 1, 8, 30)),
        ("timestamp", "2024-07-01T09:30:00+01:00[Europe/London]", datetime(2024, 7, 1, 8, 30)),
        ("timestamp", "2024-03-05 10:00:00 Etc/GMT+1", datetime(2024, 3, 5, 11)),
        ("timestamp", "1709632800", datetime(2024, 3, 5, 10)),
        ("timestamp", "1709632800.5", datetime(2024, 3, 5, 10, 0, 0, 500000)),
        ("timestamp", "1709632800123", datetime(2024, 3, 5, 10, 0, 0, 123000)),
        ("timestamp", "1709632800123456", datetime(2024, 3, 5, 10, 0, 0, 123456)),
    ],
)
def test_a_text_becomes_a_value_of_the_declared_type(shop: Inputs, data_type: str, text: str, value: object):
    assert read_text(shop, data_type, text) == (value, None)


@pytest.mark.parametrize(
    ("data_type", "text", "masked"),
    [
        ("bigint", "1.7", "9.9"),
        ("bigint", "0x10", "9a99"),
        ("integer", "3000000000", "9999999999"),
        ("integer", "1_000", "9_999"),
        ("double", "1,500", "9,999"),
        ("double", "inf", "aaa"),
        ("double", "1e999", "9a999"),
        ("boolean", "maybe", "aaaaa"),
        ("date", "2024-02-30", "9999-99-99"),
        ("date", "2024-01-31 10:00", "9999-99-99 99:99"),
        ("timestamp", "31/01/2024", "99/99/9999"),
        ("timestamp", "3/5/2024 2:30 PM", "9/9/9999 9:99 aa"),
        ("timestamp", "2024-07-01 09:30:00 BST", "9999-99-99 99:99:99 BST"),
        ("timestamp", "2024-07-01T09:30:00CEST", "9999-99-99a99:99:99CEST"),
        ("timestamp", "2024-07-01 09:30 PM EST", "9999-99-99 99:99 aa EST"),
        ("timestamp", "2024-03-05 13:30 PM", "9999-99-99 99:99 aa"),
        ("timestamp", "2024-03-05 10:00 Europe/Berln", "9999-99-99 99:99 aaaaaa/aaaaa"),
        ("timestamp", "2024-03-05 10:00 +15:00", "9999-99-99 99:99 +99:99"),
        ("timestamp", "45356.1000", "99999.9999"),
        # A date without marks, as the epoch of 2034.
        ("timestamp", "2024030510", "9999999999"),
        ("timestamp", "infinity", "aaaaaaaa"),
        ("timestamp", "Zoë Müller, +49 170", "aaa aaaaaa, +99 999"),
        ("double", "x" * 60, "a" * 40),
        ("double", "1\0\x1b[1m", "9 [9a"),
    ],
)
def test_a_text_that_cannot_be_cast_is_null_and_kept_masked(shop: Inputs, data_type: str, text: str, masked: str):
    assert read_text(shop, data_type, text) == (None, f"value: {masked}")


def test_a_declared_format_is_used(shop: Inputs):
    format = "%d/%m/%Y %H:%M"
    assert read_text(shop, "timestamp", "29/2/2016 01:16", format) == (datetime(2016, 2, 29, 1, 16), None)
    assert read_text(shop, "timestamp", "2016-02-29 01:16", format) == (None, "value: 9999-99-99 99:99")


@pytest.mark.parametrize(
    ("format", "text", "value"),
    [
        ("excel", "45356.1000", datetime(2024, 3, 5, 2, 24)),
        ("excel", "45356,4166666667", datetime(2024, 3, 5, 10)),
        ("excel", "2024-03-05", None),
        ("epoch", "315532800", datetime(1980, 1, 1)),
        ("epoch_ms", "315532800250", datetime(1980, 1, 1, 0, 0, 0, 250000)),
        ("%Y-%m-%d %H:%M %Z", "2024-07-01 09:30 UTC", datetime(2024, 7, 1, 9, 30)),
        # DuckDB would take it for the zone of Bangladesh.
        ("%Y-%m-%d %H:%M %Z", "2024-07-01 09:30 BST", None),
    ],
)
def test_numbers_are_dates_where_that_is_declared(shop: Inputs, format: str, text: str, value: object):
    read, masked = read_text(shop, "timestamp", text, format)
    assert read == value
    assert (masked is None) == (value is not None)


IDS = TYPED.replace("{name: value, data_type: TYPE, config: {meta: {cx: {FORMAT}}}}",
                    "{name: value, data_type: string, config: {meta: {cx: {personal: hash, keep: id}}}}")  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" 1004\u00a0 ", "1004"),
        ("1004.0", "1004"),
        ("1004.00", "1004"),
        ("0042", "0042"),
        ("T-1.0", "T-1.0"),
        ("None", None),
        (r"\N", None),
        ("#N/A", None),
    ],
)
def test_an_id_is_what_it_was_before_a_spreadsheet_or_a_program_wrote_it(shop: Inputs, text: str, value: str | None):
    shop.declare(IDS)
    shop.give("cells.csv", f'value,other\n"{text}",x\n')
    read = shop.table("cells")
    assert read.rejected == 0
    kept = shop.query("select value from raw_shop.cells where value not like 'hashed%'")
    assert kept == ([(value,)] if value else [])


@pytest.mark.parametrize("text", ["1.14E+11", "1E+11", "1,14E+11", "3.6e11"])
def test_an_id_that_has_lost_its_digits_is_refused(shop: Inputs, text: str):
    shop.declare(IDS)
    shop.give("cells.csv", f'value,other\n"{text}",x\n42,y\n')
    table = shop.table("cells")
    assert (table.raw, table.rejected) == (2, 1)
    assert "value: 1 row with 9" in table.warnings[0]
    assert "an id that has lost its digits" in table.warnings[0]


@pytest.mark.parametrize("text", ["5E10", "4E", "1e9"])
def test_an_id_with_an_e_among_its_digits_is_one(shop: Inputs, text: str):
    shop.declare(IDS)
    shop.give("cells.csv", f"value,other\n{text},x\n")
    assert shop.table("cells").rejected == 0


@pytest.mark.parametrize(
    ("data_type", "sql", "value"),
    [
        ("string", "42", "42"),
        ("double", "'nan'::double", None),
        ("timestamp", "1709632800", datetime(2024, 3, 5, 10)),
        ("string", "'abc'::blob", "abc"),
        ("string", "'a' || chr(0) || 'b'", "a\ufffdb"),
        ("bigint", "7.0::double", 7),
        ("integer", "7::utinyint", 7),
        ("double", "1.25::decimal(10, 2)", 1.25),
        ("boolean", "1", True),
        ("date", "timestamp '2024-01-31'", date(2024, 1, 31)),
        ("timestamp", "'2024-01-31 10:00:00+02'::timestamptz", datetime(2024, 1, 31, 8)),
        ("timestamp", "'2024-01-31 10:00:00'::timestamp_ns", datetime(2024, 1, 31, 10)),
        ("timestamp", "date '2024-01-31'", datetime(2024, 1, 31)),
    ],
)
def test_a_parquet_value_becomes_a_value_of_the_declared_type(shop: Inputs, data_type: str, sql: str, value: object):
    declare(shop, data_type)
    duckdb.sql(f"select {sql} as value").write_parquet(str(shop.raw / "cells.parquet"))
    assert shop.read("value, _cx_uncastable") == [(value, None)]


@pytest.mark.parametrize(
    ("data_type", "sql", "masked"),
    [
        ("bigint", "1.7::double", "9.9"),
        ("double", "'inf'::double", "aaa"),
        ("boolean", "2", "9"),
        ("date", "timestamp '2024-01-31 10:00'", "9999-99-99 99:99:99"),
        ("integer", "3000000000", "9999999999"),
    ],
)
def test_a_parquet_value_that_cannot_be_cast_is_null_and_kept_masked(
    shop: Inputs, data_type: str, sql: str, masked: str
):
    declare(shop, data_type)
    duckdb.sql(f"select {sql} as value").write_parquet(str(shop.raw / "cells.parquet"))
    assert shop.read("value, _cx_uncastable") == [(None, f"value: {masked}")]


def test_rows_are_numbered_in_the_order_of_the_files(shop: Inputs):
    declare(shop, "integer")
    shop.declare(
        TYPED.replace("TYPE", "integer")
        .replace("FORMAT", "")
        .replace("null_values", 'files: ["cells*.csv"], null_values')
    )
    shop.give("cells_2.csv", "value,other\n" + "".join(f"{number},x\n" for number in range(50_000, 70_000)))
    shop.give("cells_1.csv", "value,other\n" + "".join(f"{number},x\n" for number in range(50_000)))
    assert shop.table("cells").raw == 70_000
    assert shop.query("select count(*), count(*) filter (where _cx_row != value + 1) from raw_shop.cells") == [
        (70_000, 0)
    ]
    assert shop.query("select distinct _cx_file from raw_shop.cells order by 1") == [("cells_1.csv",), ("cells_2.csv",)]
