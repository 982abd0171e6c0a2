"""Another role of the server, which may connect, make schemas and fill ``public``: nothing of it runs as the
builder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.postgres_server import Server, postgres
from support.workplace import Workplace

__all__ = ["postgres"]

TARGET = ("--target", "postgres")
# A function that fits better than the server's own where a varchar is given to it, and what it is to answer.
FUNCTIONS = {
    "lower(varchar)": ("text", "pg_catalog.lower(cast($1 as text))"),
    "upper(varchar)": ("text", "pg_catalog.upper(cast($1 as text))"),
    "md5(varchar)": ("text", "pg_catalog.md5(cast($1 as text))"),
    "length(varchar)": ("integer", "pg_catalog.length(cast($1 as text))"),
    '"left"(varchar, integer)': ("text", 'pg_catalog."left"(cast($1 as text), $2)'),
    "starts_with(varchar, varchar)": ("boolean", "pg_catalog.starts_with(cast($1 as text), cast($2 as text))"),
    "date_trunc(varchar, timestamp)": ("timestamp", "pg_catalog.date_trunc(cast($1 as text), $2)"),
    "round(double precision, integer)": ("double precision", "$1"),
}
OPERATORS = {"=": ("boolean", "texteq"), "<>": ("boolean", "textne"), "||": ("text", "textcat")}


@contextmanager
def hostile(server: Server) -> Iterator[Any]:
    """A connection of a role ``..._hostile`` that an administrator let into the database."""
    role = f"{server.database}_hostile"
    with server.administrator() as administrator:
        administrator.execute(f"create role {role} login password '{server.password}'")
        administrator.execute(f"grant connect, create, temporary on database {server.database} to {role}")
        administrator.execute(f"grant {role} to current_user")
        administrator.execute("grant usage on schema public to public")
        administrator.execute(f"grant create on schema public to {role}")
    with server.connected(user=role) as connection:
        yield connection


def plant_traps(connection: Any) -> None:
    """Functions, operators and a type in ``public`` under names of the server's and ours; whoever runs one is noted."""
    connection.execute("create table public.caught (who text, what text); grant insert on public.caught to public")
    connection.execute("""
        create function public.caught(what text) returns boolean language plpgsql as $$
        begin insert into public.caught values (current_user, what); return true; end $$
    """)
    for signature, (returns, answer) in FUNCTIONS.items():
        connection.execute(f"""
            create function public.{signature} returns {returns} language plpgsql as $$
            begin perform public.caught('{signature}'); return {answer}; end $$
        """)
    for operator, (returns, procedure) in OPERATORS.items():
        connection.execute(f"""
            create function public.trap_{procedure}(varchar, varchar) returns {returns} language plpgsql as $$
            begin perform public.caught('{operator}');
            return pg_catalog.{procedure}(cast($1 as text), cast($2 as text)); end $$
        """)
        connection.execute(
            f"create operator public.{operator} (leftarg = varchar, rightarg = varchar,"
            f" function = public.trap_{procedure})"
        )
    connection.execute("create domain public.double as double precision check (public.caught('double'))")
    connection.execute("create domain public.string as text check (public.caught('string'))")


def test_traps_catch_whoever_looks_for_names_in_public(postgres: Server):
    with hostile(postgres) as connection:
        plant_traps(connection)
        with postgres.connected() as builder:
            builder.execute("set search_path = public")
            builder.execute("select lower(cast('A' as varchar)), cast('a' as varchar) = cast('b' as varchar),"
                            " cast(1.5 as double)")  # fmt: skip
        caught = connection.execute("select distinct who, what from public.caught order by 2").fetchall()
    assert caught == [(postgres.builder, what) for what in ("=", "double", "lower(varchar)")]


def test_a_build_is_not_changed_by_what_another_role_can_do(postgres: Server, demo: Workplace):
    with hostile(postgres) as connection:
        plant_traps(connection)
        connection.execute("create schema raw_theirs; create table raw_theirs.held as select 1 as a")
        connection.execute("create schema build_theirs; create table build_theirs.held as select 1 as a")
        connection.execute("select pg_advisory_lock(i) from generate_series(1668808704, 1668808710) as keys(i)")
        connection.execute("select pg_advisory_lock(hashtext('cxmetrics')), pg_advisory_lock(0), pg_advisory_lock(1)")
        with connection.transaction():
            connection.execute("lock table raw_theirs.held, build_theirs.held in access exclusive mode")
            postgres.cx_succeeds("build", *TARGET, "--raw", demo.folder / "demo")
        for command in (["scorecard"], ["query", "reopen_rate", "--by", "channel"]):
            postgres.cx_succeeds(*command, *TARGET)
        assert connection.execute("select * from public.caught").fetchall() == []
        for private in ("build_metrics.metric_values", "raw_canonical.tickets", "metrics.metric_values"):
            readable = f"select has_schema_privilege(current_user, '{private.split('.')[0]}', 'usage')"
            assert connection.execute(readable).fetchone() == (False,)


@pytest.mark.parametrize(
    ("schema", "command"),
    [("main", "build"), ("raw_canonical", "inputs"), ("quarantine", "inputs"), ("staging", "build"),
     ("build_metrics", "build")],
)  # fmt: skip
def test_a_schema_that_another_role_made_first_is_refused_with_its_owner(
    postgres: Server, tmp_path: Path, schema: str, command: str
):
    (tmp_path / "tickets.csv").write_text("ticket_id,created_at\n1,2026-01-01\n")
    with hostile(postgres) as connection:
        plant_traps(connection)
        connection.execute(f"create schema {schema}; grant all on schema {schema} to public")
        connection.execute(f"create view {schema}.tickets as select public.caught('view') as ticket_id")
        connection.execute(f"grant all on {schema}.tickets to public")
        done = postgres.cx(command, *TARGET, "--raw", tmp_path)
        assert connection.execute("select * from public.caught").fetchall() == []
    assert done.returncode in (2, 4), done.stdout + done.stderr
    said = " ".join(done.stderr.split())
    assert f"a schema {schema} that belongs to {postgres.database}_hostile" in said
    assert "use a database of its own" in said
    assert f'alter schema "{schema}" owner to "{postgres.builder}"' in said
