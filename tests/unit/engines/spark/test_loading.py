"""What DuckDB loaded and checked is handed over to Spark."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from cxmetrics.errors import CxError
from support.spark_place import require_spark

if TYPE_CHECKING:
    from cxmetrics.engines.spark.session import Session

COLUMNS = {"id": "bigint", "te`xt": "varchar", "at": "timestamp"}


def test_a_schema_of_spark_is_no_source_of_raw_tables(tmp_path: Path):
    require_spark()
    from cxmetrics.engines.spark.loading import SparkLoading

    with duckdb.connect() as connection, pytest.raises(CxError, match="reads raw files"):
        SparkLoading(connection, tmp_path).stored("crm")


def test_raw_rows_move_to_spark_and_quarantine_is_copied(session: Session, tmp_path: Path):
    from cxmetrics.engines.spark.files import Storage
    from cxmetrics.engines.spark.loading import SparkLoading
    from cxmetrics.engines.spark.session import SparkConnection

    session.sql("set time zone 'UTC'")
    storage = Storage(session.spark)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; create schema quarantine")
        connection.execute("create table quarantine.loads as select 'shop' as source_name")
        for text in ("it's \\ first", "second"):
            loading = SparkLoading(connection, tmp_path)
            loading.create_table("raw_shop", "things", COLUMNS)
            row = f"1, {loading.literal(text)}, timestamp '2024-02-29 23:59:59.999999'"
            loading.append("raw_shop", "things", f"select {row}")
            loading.hand_over(session, storage)
            found = SparkConnection(session).execute("select * from raw_shop.things")
            assert [column[:2] for column in found.description] == [
                ("id", "bigint"),
                ("te`xt", "string"),
                ("at", "timestamp"),
            ]
            assert found.fetchall() == [(1, text, datetime.datetime(2024, 2, 29, 23, 59, 59, 999999))]
            # The file of the load before is gone.
            assert len(storage.names(storage.path("inputs", "raw_shop", "things"))) == 1
        assert SparkConnection(session).execute("select * from quarantine.loads").fetchall() == [("shop",)]
        here = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    assert here == [("quarantine", "loads")]
