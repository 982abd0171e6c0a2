"""Publication on PostgreSQL: fresh schemas take the names of the published ones in one transaction.

Whoever has a query running goes on reading the tables of before; they are removed when nobody does.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable

import psycopg

from cxmetrics.engines.interface import BUILD_PREFIX, Publication, first_row
from cxmetrics.engines.postgres.server import SWAPPED, PostgresServer, holders, require_own_schema
from cxmetrics.engines.quoting import identifier, literal, relation
from cxmetrics.engines.sql import joined, sql
from cxmetrics.errors import BuildFailed

# Schemas with this comment are ours to replace, unless somebody else wrote it.
MARK = "Published by cxmetrics; replaced by every build."
OURS = sql(
    "coalesce(obj_description(oid, 'pg_namespace'), '') = {mark} and pg_get_userbyid(nspowner) = current_user",
    mark=literal(MARK),
)
FRESH, REPLACED = "cx_fresh_", "cx_replaced_"
# How long a publication waits for readers who want all they read to be of one build, and how long new ones wait for it
# meanwhile.
PATIENCE_SECONDS, TRY = 30.0, "1s"
# How long the removal of the tables of before waits for those who still read them; the next publication tries again.
PATIENCE = "2s"


def publish_schemas(server: PostgresServer, publication: Publication) -> list[str]:
    """Replace the published schemas by copies of those dbt built; sentences about what was left undone.

    Raises BuildFailed, with what was published before untouched, when a copy differs from the build or cannot be made,
    when a schema of a published name is not ours, and when somebody's view reads the published tables.
    """
    try:
        with server.building() as connection:
            _remove_replaced(connection)
            with connection.transaction():
                refusals = _ungrantable(connection, server.reader)
                _require_ours(connection, publication)
                _require_no_dependents(connection, publication)
                notes = refusals + _copy(connection, publication)
                _grant(connection, publication, None if refusals else server.reader)
                notes += _await_readers(connection)
                _swap(connection, publication)
            _remove_replaced(connection)
    except psycopg.Error as error:
        raise BuildFailed(
            f"the build could not be published: {str(error).splitlines()[0]}",
            file=server.location,
            next_step="remove the cause, then cx build; what was published before is untouched",
        ) from error
    return notes


def _copy(connection: psycopg.Connection, publication: Publication) -> list[str]:
    tables, notes = publication.chosen(_tables(connection, publication))
    for schema in publication.schemas:
        require_own_schema(connection, FRESH + schema)
        connection.execute(f"comment on schema {FRESH}{schema} is {literal(MARK)}")
    for schema, table in tables:
        built, fresh = relation(BUILD_PREFIX + schema, table), relation(FRESH + schema, table)
        copied = connection.execute(f"create table {fresh} as table {built}").rowcount
        rows = first_row(connection, sql("select count(*) from {built}", built=built))[0]
        publication.require_rows(f"{schema}.{table}", rows, copied)
        for column, text in publication.comments.get(f"{schema}.{table}", {}).items():
            what = f"column {fresh}.{identifier(column)}" if column else f"table {fresh}"
            connection.execute(f"comment on {what} is {literal(text)}")
        connection.execute(f"analyze {fresh}")
    return notes


def _swap(connection: psycopg.Connection, publication: Publication) -> None:
    published = _existing(connection, publication.schemas)
    # Those of an earlier build may still be read under their own name.
    replaced = f"{REPLACED}{first_row(connection, 'select txid_current()')[0]}_"
    for schema in publication.schemas:
        if schema in published:
            connection.execute(f"alter schema {schema} rename to {replaced}{schema}")
        connection.execute(f"alter schema {FRESH}{schema} rename to {schema}")


def _remove_replaced(connection: psycopg.Connection) -> None:
    """Drop what an earlier publication replaced, unless somebody still reads it."""
    query = sql(
        "select nspname from pg_namespace where {ours} and starts_with(nspname, {replaced})",
        ours=OURS,
        replaced=literal(REPLACED),
    )
    for (schema,) in connection.execute(query).fetchall():
        with contextlib.suppress(psycopg.errors.LockNotAvailable), connection.transaction():
            connection.execute(f"set local lock_timeout = '{PATIENCE}'")
            connection.execute(f"drop schema {schema} cascade")


def _await_readers(connection: psycopg.Connection) -> list[str]:
    """Wait until nobody reads what is published under a reader's lock; a sentence about those who went on too long. The
    publication goes on without them: they are told at their end, and nobody can keep it from happening."""
    if first_row(connection, f"select to_regclass('{SWAPPED}')")[0] is None:
        return []
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = '{TRY}'")
                connection.execute(f"lock table {SWAPPED} in access exclusive mode")
            return []
        except psycopg.errors.LockNotAvailable:
            if time.monotonic() > until:
                reading = "; ".join(holders(connection, SWAPPED))
                return [f"published while what was there before was still read: {reading}"]


def _ungrantable(connection: psycopg.Connection, reader: str | None) -> list[str]:
    """A sentence when the role of readers does not exist. Who builds makes no roles."""
    if reader is None:
        return []
    query = sql("select count(*) from pg_roles where rolname = {reader}", reader=literal(reader))
    if first_row(connection, query)[0]:
        return []
    return [
        f"the role {reader} does not exist, so nobody was granted anything: have an administrator run"
        f" 'create role {identifier(reader)} nologin', then cx build"
    ]


def _grant(connection: psycopg.Connection, publication: Publication, reader: str | None) -> None:
    if reader is None:
        return
    for schema in publication.schemas:
        connection.execute(f"grant usage on schema {FRESH}{schema} to {identifier(reader)}")
        connection.execute(f"grant select on all tables in schema {FRESH}{schema} to {identifier(reader)}")


def _require_ours(connection: psycopg.Connection, publication: Publication) -> None:
    for schema in _existing(connection, publication.schemas):
        query = sql(
            "select {ours}, pg_get_userbyid(nspowner) from pg_namespace where nspname = {schema}",
            ours=OURS,
            schema=literal(schema),
        )
        is_ours, other = first_row(connection, query)
        if not is_ours:
            raise BuildFailed(
                f"the build was not published: the database has a schema {schema} that cxmetrics did not make"
                f" and that belongs to {other}",
                next_step=f"use a database of its own, or 'alter schema {schema} rename to ...', then cx build",
            )


def _require_no_dependents(connection: psycopg.Connection, publication: Publication) -> None:
    """Views of others would go on reading the tables of before, and be dropped with them."""
    query = sql(
        """
        select distinct cast(cast(views.oid as regclass) as text) || ' of ' || pg_get_userbyid(views.relowner)
        from pg_depend as uses
        inner join pg_rewrite as rules on uses.classid = cast('pg_rewrite' as regclass) and uses.objid = rules.oid
        inner join pg_class as views on rules.ev_class = views.oid
        inner join pg_class as tables on uses.refobjid = tables.oid
            and uses.refclassid = cast('pg_class' as regclass)
        inner join pg_namespace as schemas on tables.relnamespace = schemas.oid
        where schemas.nspname in ({schemas}) and views.oid <> tables.oid and views.relpersistence <> 't'
        order by 1
        """,
        schemas=joined(map(literal, publication.schemas)),
    )
    found = connection.execute(query).fetchall()
    if found:
        names = ", ".join(name for (name,) in found)
        raise BuildFailed(
            f"the build was not published: views read the published tables and would be lost with them: {names}",
            next_step="drop them and let the BI tool keep their queries, or make them dbt models, then cx build",
        )


def _tables(connection: psycopg.Connection, publication: Publication) -> list[tuple[str, str]]:
    """Published name and table of everything dbt built there; views stay behind, they read unpublished schemas."""
    query = sql(
        "select schemaname, tablename from pg_tables where schemaname in ({schemas}) order by 1, 2",
        schemas=joined(literal(BUILD_PREFIX + schema) for schema in publication.schemas),
    )
    rows = connection.execute(query).fetchall()
    return [(schema.removeprefix(BUILD_PREFIX), table) for schema, table in rows]


def _existing(connection: psycopg.Connection, schemas: Iterable[str]) -> list[str]:
    named = joined(map(literal, schemas))
    query = sql("select nspname from pg_namespace where nspname in ({named}) order by 1", named=named)
    return [schema for (schema,) in connection.execute(query).fetchall()]
