"""How a database of a server is reached, and the locks in it."""

from __future__ import annotations

import pytest

pytest.importorskip("psycopg")

import psycopg
import yaml

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
    assert (server.location, server.reader) == ("postgresql://db:5432/cx", None)


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
        connection.execute("create schema kept; create table kept.kept (a int)")
    assert postgres.query("select count(*) from kept.kept") == [(0,)]


def test_one_build_at_a_time_and_the_other_is_told_whose_session_it_is(postgres: Server):
    server = postgres.engine(Project(ROOT)).server
    said = r"another build is at work in this database: session \d+ of \w+ from .+, since \d{4}-.* UTC"
    with server.locked(), pytest.raises(CxError, match=said), server.locked():
        pass
    with server.locked():
        pass


def test_only_the_builder_can_hold_the_lock_of_a_build(postgres: Server):
    server = postgres.engine(Project(ROOT)).server
    with server.locked():
        pass
    with postgres.connected(user=postgres.asker) as other:
        other.execute("select pg_advisory_lock(i) from generate_series(1668808704, 1668808710) as keys(i)")
        with other.transaction(), pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.execute("lock table main.cx_building in access share mode")
        with server.locked():
            pass


def test_somebody_elses_schema_is_no_place_to_build_in(postgres: Server):
    engine = postgres.engine(Project(ROOT))
    with postgres.administrator() as other:
        said = f"a schema main that belongs to {other.info.user}, and cxmetrics builds there"
        for schema in ("main", "raw_shop"):
            other.execute(f"create schema {schema}; grant all on schema {schema} to public")
    with pytest.raises(CxError, match=said) as refused, engine.reserved():
        pass
    assert f'alter schema "main" owner to "{postgres.builder}"' in refused.value.next_step
    with pytest.raises(CxError, match="a schema raw_shop that belongs to"), engine.loading() as loading:
        loading.create_table("raw_shop", "things", {"id": "bigint"})


@pytest.fixture
def published(postgres: Server) -> Server:
    """Something is published, and something is not."""
    with postgres.connected() as connection:
        connection.execute("create schema metrics; create table metrics.build_info as select 1 as build")
        connection.execute(f"grant usage on schema metrics to {postgres.reader}")
        connection.execute(f"grant select on metrics.build_info to {postgres.reader}")
        connection.execute("create schema build_metrics; create table build_metrics.secret as select 2 as a")
    return postgres


WAYS = {"own login": {}, "the builder's": {"reader_user": "", "reader_password": ""}}
REFUSED = [
    "create table metrics.a (b int)",
    "update metrics.build_info set build = 2",
    "select * from build_metrics.secret",
    "select 1; select 2",
    "select 1; reset role",
    "copy (select 1) to program 'true'",
    "select pg_read_file('/etc/passwd')",
    "set transaction read write",
]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_whoever_asks_reads_what_is_published_and_nothing_else(published: Server, way: dict[str, str]):
    if way:
        with published.administrator() as connection:
            connection.execute(f"grant {published.reader} to {published.builder}")
    server = published.engine(Project(ROOT), **way).server
    with server.reading() as one, server.reading() as other:
        assert first_row(one, "select current_user") == (published.reader if way else published.asker,)
        for statement in REFUSED:
            with pytest.raises(psycopg.Error):
                one.execute(statement)
        # What failed ended alone, and readers do not keep each other waiting.
        assert first_row(one, "select build from metrics.build_info") == (1,)
        assert first_row(other, "select build from metrics.build_info") == (1,)


def test_the_session_of_a_reader_ends_by_itself(published: Server):
    with published.engine(Project(ROOT)).server.reading() as reader:
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            assert first_row(reader, f"show {name}")[0] not in ("0", None)


def test_the_builder_reads_as_nobody_but_the_reader(published: Server):
    engine = published.engine(Project(ROOT), **WAYS["the builder's"])
    with pytest.raises(CxError, match="permission denied to set role") as refused, engine.published():
        pass
    assert "CX_POSTGRES_READER_USER" in refused.value.next_step
    engine = published.engine(Project(ROOT), **WAYS["the builder's"], reader="")
    with pytest.raises(CxError, match="names no role that reads"), engine.published():
        pass


def test_the_builders_session_reads_nothing_that_somebody_else_could_have_made(postgres: Server):
    """A function in a view runs as whoever reads it, and can take back the role that the session has left."""
    with postgres.administrator() as other:
        owner = other.info.user
        body = "begin perform set_config('role', 'none', false); return cast(session_user as text); end"
        other.execute(
            f"create schema metrics; create function metrics.trap() returns text language plpgsql as $${body}$$"
        )
        other.execute("create view metrics.build_info as select metrics.trap() as build")
        other.execute("grant usage on schema metrics to public; grant select on metrics.build_info to public")
        other.execute(f"grant {postgres.reader} to {postgres.builder}")
    engine = postgres.engine(Project(ROOT), **WAYS["the builder's"])
    with pytest.raises(CxError, match=f"a schema metrics that belongs to {owner}") as refused, engine.published():
        pass
    assert "CX_POSTGRES_READER_USER" in refused.value.next_step


def test_a_table_of_somebody_else_keeps_no_build_waiting(postgres: Server):
    with postgres.administrator() as other:
        other.execute("create schema raw_theirs; grant usage on schema raw_theirs to public")
        other.execute("create table raw_theirs.held as select 1 as a; grant all on raw_theirs.held to public")
        with other.transaction(), postgres.connected() as connection:
            other.execute("lock table raw_theirs.held in access exclusive mode")
            connection.execute("set lock_timeout = '1s'")
            gather_statistics(connection, "raw_")


def test_a_function_of_others_is_not_found_in_the_place_of_the_servers(postgres: Server):
    with postgres.administrator() as other:
        body = "begin raise exception 'planted'; end"
        other.execute(f"create function public.lower(character varying) returns text language plpgsql as $${body}$$")
        other.execute("grant usage on schema public to public")
    settings = yaml.safe_load((ROOT / "profiles.yml").read_text())["cxmetrics"]["outputs"]["postgres"]
    with postgres.engine(Project(ROOT)).building() as connection:
        assert first_row(connection, "select lower(cast('A' as character varying))") == ("a",)
        assert first_row(connection, "show search_path") == (settings["search_path"],)


def test_statistics_are_gathered_of_the_schemas_whose_names_begin_so(postgres: Server):
    with postgres.engine(Project(ROOT)).building() as connection:
        for schema in ("raw_shop", "raw", "other"):
            connection.execute(f"create schema {schema}")
            connection.execute(f'create table {schema}."thi""ngs" as select generate_series(1, 50) as id')
        gather_statistics(connection, "raw_")
        found = connection.execute("select distinct schemaname from pg_stats where tablename like 'thi%'").fetchall()
    assert found == [("raw_shop",)]
