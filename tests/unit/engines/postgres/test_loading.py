"""Rows that DuckDB reads and PostgreSQL stores, on a real server."""

from __future__ import annotations

import pytest

pytest.importorskip("psycopg")

import hmac
import struct
import threading

import duckdb
import psycopg

from cxmetrics.definitions.project import Project
from cxmetrics.engines.file_reader import FileReader
from cxmetrics.engines.sql import sql
from cxmetrics.errors import CxError
from support.masked_texts import MASKED
from support.parsed_project import ROOT
from support.postgres_server import Server, postgres

__all__ = ["postgres"]

VALUES = """
    select * from (values
        (1, 'a "quoted", text', 0.1::double, timestamp '2024-02-29 23:59:59.999999', true),
        (2, e'two\\nlines\\\\.', 1e-300::double, timestamp '1970-01-01', false),
        (3, '\\.', 123456789.123456789::double, null, null),
        (4, 'Zoë 😀 50%', null, timestamp '9999-12-31 00:00:00.000001', true)
    ) as given(id, text, number, moment, flag)
"""
COLUMNS = {"id": "bigint", "text": "varchar", "number": "double precision", "moment": "timestamp", "flag": "boolean"}


def test_every_value_arrives_to_the_last_bit(postgres: Server):
    with postgres.engine(Project(ROOT)).loading() as loading:
        loading.create_table("raw_shop", "things", COLUMNS)
        assert loading.append("raw_shop", "things", VALUES) == 4
    ours, theirs = duckdb.execute(VALUES).fetchall(), postgres.query("select * from raw_shop.things order by id")
    assert theirs == ours
    bits = [[row[2] and struct.pack("d", row[2]) for row in rows] for rows in (ours, theirs)]
    assert bits[0] == bits[1]


def test_a_table_with_the_same_columns_is_filled_anew_and_its_views_stay(postgres: Server):
    engine = postgres.engine(Project(ROOT))
    with postgres.connected() as connection:
        connection.execute("create schema mine")
    for columns, views in ((COLUMNS, 1), (COLUMNS, 1), (COLUMNS | {"more": "varchar"}, 0)):
        with engine.loading() as loading:
            loading.create_table("raw_shop", "things", columns)
        with postgres.connected() as connection:
            if views and not connection.execute("select to_regclass('mine.looking')").fetchone()[0]:
                connection.execute("create view mine.looking as select id from raw_shop.things")
            assert connection.execute("select count(*) from pg_views where viewname = 'looking'").fetchone() == (views,)


def test_a_file_that_breaks_off_is_an_error_of_the_file_and_nothing_is_kept(postgres: Server):
    broken = "select id, text, number, moment, case when id = 4 then error('broken')::boolean end from"
    with pytest.raises(duckdb.Error, match="broken"), postgres.engine(Project(ROOT)).loading() as loading:
        loading.create_table("raw_shop", "things", COLUMNS)
        loading.append("raw_shop", "things", f"{broken} ({VALUES})")
    assert postgres.query("select to_regclass('raw_shop.things')") == [(None,)]


def test_a_row_that_cannot_be_stored_is_an_error_and_nothing_is_kept(postgres: Server):
    refused = pytest.raises(CxError, match=r"cannot store a row of raw_shop\.things")
    with refused, postgres.engine(Project(ROOT)).loading() as loading:
        loading.create_table("raw_shop", "things", {"id": "bigint"})
        loading.append("raw_shop", "things", "select 'x' from range(10000000)")
    assert postgres.query("select to_regclass('raw_shop.things')") == [(None,)]


def test_texts_are_masked_as_everywhere(postgres: Server):
    with postgres.engine(Project(ROOT)).loading() as loading:
        for text, expected in MASKED.items():
            assert loading.execute(f"select {loading.masked(loading.literal(text))}").fetchone() == (expected,)


def test_a_percent_sign_in_an_expectation_means_itself(postgres: Server):
    with postgres.engine(Project(ROOT)).loading() as loading:
        assert loading.runnable("select '50%%' like '5%%'") == "select '50%' like '5%'"


def test_hashes_are_those_of_duckdb_and_no_other_session_sees_the_key(postgres: Server):
    key = b"a key that is not to be seen"
    seen: set[str] = set()
    is_over = threading.Event()

    def watch() -> None:
        with postgres.connected() as connection:
            while not is_over.is_set():
                rows = connection.execute("select query from pg_stat_activity where pid <> pg_backend_pid()").fetchall()
                seen.update(str(query) for (query,) in rows)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        with postgres.engine(Project(ROOT)).loading() as loading:
            loading.begin(FileReader(key))
            loading.create_table("raw_shop", "things", {"text": "varchar"})
            names = "select {hashed} from (select 'Erika ü' as name, pg_sleep(0.5)) as names"
            hashing = sql(names, hashed=loading.hashed("name"))
            loading.insert("raw_shop", "things", hashing)
            hashed = loading.execute("select text from raw_shop.things").fetchall()
            loading.forget_key()
            with pytest.raises(psycopg.Error, match="cx_key"), loading._connection.transaction():
                loading.execute(hashing)
    finally:
        is_over.set()
        watching.join()
    assert hashed == [(hmac.new(key, "Erika ü".encode(), "sha256").hexdigest(),)]
    assert any("inner_pad" in query and "pg_sleep" in query for query in seen)
    assert not any("not to be seen" in query or "66666666" in query or key.hex() in query for query in seen)
