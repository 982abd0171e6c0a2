"""SQLAlchemy on somebody else's DuckDB connection."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from cxmetrics.engines.duckdb.sqlalchemy_dialect import MAX_ROWS, URL, engine_arguments


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with a transaction that has made a table."""
    with duckdb.connect() as opened:
        opened.begin()
        opened.execute("create schema raw")
        opened.execute("create table raw.tickets as select range as ticket, now()::timestamp as at from range(3)")
        yield opened


@pytest.fixture
def engine(connection: duckdb.DuckDBPyConnection) -> Engine:
    return create_engine(URL, **engine_arguments(connection))


def test_rows_that_are_not_committed_are_seen(engine: Engine):
    with engine.begin() as borrowed:
        assert borrowed.execute(text("select count(*) from raw.tickets")).scalar() == 3


def test_neither_commit_nor_rollback_ends_the_transaction(engine: Engine, connection: duckdb.DuckDBPyConnection):
    with engine.connect() as borrowed:
        borrowed.execute(text("select 1"))
        borrowed.rollback()
    with engine.begin() as borrowed:
        borrowed.execute(text("select 1"))
    engine.dispose()
    connection.rollback()
    assert connection.execute("select count(*) from duckdb_tables()").fetchone() == (0,)


def test_a_result_outlives_its_connection_and_the_next_statement(engine: Engine):
    with engine.connect() as borrowed:
        first = borrowed.execute(text("select ticket from raw.tickets order by 1"))
        borrowed.execute(text("select 'other'"))
    assert [row[0] for row in first.fetchmany(2)] == [0, 1]


def test_reading_beyond_the_kept_rows_is_an_error_and_not_a_short_answer(engine: Engine):
    long = text("select range from range(10005)")
    with engine.connect() as borrowed:
        assert len(borrowed.execute(long).fetchmany(200)) == 200
        with pytest.raises(OverflowError, match="more than 10,000 rows"):
            borrowed.execute(long).fetchall()
        assert len(borrowed.execute(text("select range from range(10000)")).fetchall()) == MAX_ROWS == 10_000


def test_columns_are_read_from_the_catalogue(engine: Engine):
    columns = inspect(engine).get_columns("tickets", schema="raw")
    assert [(column["name"], str(column["type"])) for column in columns] == [("ticket", "BIGINT"), ("at", "DATETIME")]
