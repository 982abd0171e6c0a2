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
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("timestamp", "2024-03-31 02:30", datetime(2024, 3, 31, 2, 30)),
        ("timestamp", "2024-01-01T10:00:00Z", datetime(2024, 1, 1, 10)),
        ("timestamp", "2024-01-01T10:00:00.25+05:30", datetime(2024, 1, 1, 4, 30, 0, 250000)),
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
        ("double", "nan", "aaa"),
        ("double", "1,5", "9,9"),
        ("double", "1e999", "9a999"),
        ("boolean", "maybe", "aaaaa"),
        ("date", "2024-02-30", "9999-99-99"),
        ("date", "2024-01-31 10:00", "9999-99-99 99:99"),
        ("timestamp", "31/01/2024", "99/99/9999"),
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
    ("data_type", "sql", "value"),
    [
        ("string", "42", "42"),
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
        ("double", "'nan'::double", "aaa"),
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
