"""How a database of a server is reached, and the locks in it."""

from __future__ import annotations

import pytest

pytest.importorskip("psycopg")

import psycopg

from cxmetrics.definitions.project import Project
from cxmetrics.engines.interface import first_row
from cxmetrics.engines.postgres.server import PostgresServer, gather_statistics
from cxmetrics.errors import CxError
from support.parsed_project import ROOT
from support.postgres_server import Server, postgres

__all__ = ["postgres"]


def test_the_address_has_no_password_and_dbts_own_names_are_understood():
    server = PostgresServer(
        {"host": "db", "pass": "secret", "database": "cx", "reader": "", "threads": 4, "user": None}
    )
    assert (server.place, server.reader) == ("postgresql://db:5432/cx", None)


def test_a_server_that_is_not_there_is_named_with_what_to_do():
    server = PostgresServer({"host": "localhost", "port": 1, "user": "somebody", "password": "secret", "dbname": "cx"})
    with pytest.raises(CxError, match="cannot connect to PostgreSQL") as caught, server.connected():
        pass
    assert caught.value.file == "postgresql://localhost:1/cx"
    assert "start the server" in caught.value.next_step
    assert "secret" not in str(caught.value)


def test_days_begin_in_utc_and_each_statement_is_kept_at_once(postgres: Server):
    server = postgres.engine(Project(ROOT)).server
    with server.connected() as connection:
        assert first_row(connection, "show timezone") == ("UTC",)
        connection.execute("create table public.kept (a int)")
    assert postgres.query("select count(*) from public.kept") == [(0,)]


def test_one_build_at_a_time_and_the_other_is_told_whose_session_it_is(postgres: Server):
    server = postgres.engine(Project(ROOT)).server
    said = r"another build is at work in this database: session \d+ of \w+ from .+, since \d{4}-.* UTC"
    with server.locked(), pytest.raises(CxError, match=said), server.locked():
        pass
    with server.locked():
        pass


def test_readers_write_nothing_and_do_not_keep_each_other_waiting(postgres: Server):
    server = postgres.engine(Project(ROOT)).server
    with server.reading() as one, server.reading() as other:
        assert first_row(other, "select 1") == (1,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            one.execute("create table public.a (b int)")


def test_statistics_are_gathered_of_the_schemas_whose_names_begin_so(postgres: Server):
    with postgres.engine(Project(ROOT)).building() as connection:
        for schema in ("raw_shop", "raw", "other"):
            connection.execute(f"create schema {schema}")
            connection.execute(f'create table {schema}."thi""ngs" as select generate_series(1, 50) as id')
        gather_statistics(connection, "raw_")
        found = connection.execute("select distinct schemaname from pg_stats where tablename like 'thi%'").fetchall()
    assert found == [("raw_shop",)]
