"""Names and texts of any kind come back from SQL as they went in. Tests of the other engines ask those."""

from __future__ import annotations

import datetime

import duckdb
import pytest

from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.quoting import SparkQuoting, StandardQuoting
from support.hostile_texts import NAMES, TEXTS, all_come_back


def test_on_duckdb_all_come_back():
    with duckdb.connect() as connection:
        all_come_back(connection, DuckDBEngine)


def test_on_spark_a_backslash_is_escaped_and_names_stand_in_backticks():
    # tests/e2e/test_spark.py asks Spark itself.
    assert SparkQuoting.identifier("a`b") == "`a``b`"
    assert SparkQuoting.relation("a", "b`") == "`a`.`b```"
    assert SparkQuoting.literal("it's a \\n") == "'it\\'s a \\\\n'"


@pytest.mark.parametrize("quoting", [StandardQuoting, SparkQuoting])
def test_a_date_is_its_text_and_nothing_is_null(quoting: type[StandardQuoting]):
    assert quoting.literal(datetime.date(2024, 2, 29)) == "'2024-02-29'"
    assert quoting.literal(datetime.datetime(2024, 2, 29, 1, 2)) == "'2024-02-29 01:02:00'"
    assert quoting.literal(None) == "null"


def test_the_texts_hold_what_quoting_is_about():
    assert {"'", "\\", '"', "\n", ";"} <= set("".join(TEXTS))
    assert {'"', "`", "\\", "."} <= set("".join(NAMES))
