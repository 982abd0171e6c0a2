"""A database of a PostgreSQL server: how it is reached, by which role, and the locks of those who build and read there.

Whoever builds and whoever reads are two roles (docs/guides/operating.md). Every connection is opened here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

from cxmetrics.engines.interface import first_row
from cxmetrics.engines.postgres.target import connection_arguments
from cxmetrics.engines.quoting import identifier, literal, relation
from cxmetrics.engines.sql import sql
from cxmetrics.errors import CxError, NothingPublished

# Days begin in UTC. Names are those of the server or written with their schema: nobody else's function is found in the
# place of one. A backslash in a text is a backslash. Compiling a query to machine code costs more than these queries
# take, and their sorts and hashes are larger than the server's default of 4 MB. A build waits for dbt in a transaction.
SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "search_path": "pg_catalog",
    "standard_conforming_strings": "on",
    "jit": "off",
    "work_mem": "128MB",
    "client_min_messages": "error",
    "idle_in_transaction_session_timeout": "0",
}
# Who reads holds nobody up for ever. The site compiles its SQL between two queries.
READING = {
    "default_transaction_read_only": "on",
    "statement_timeout": "10min",
    "lock_timeout": "1min",
    "idle_in_transaction_session_timeout": "10min",
}
# The table whose lock a build holds, in the builder's own schema: no other role can lock it.
BUILDING = "cx_building"
# Whoever reads holds a reader's lock on it, so that a publication does not give half of each build.
SWAPPED = "metrics.build_info"

# What libpq says, which has no codes for it -> what to do.
REFUSALS = {
    "password authentication failed": "set CX_POSTGRES_USER and CX_POSTGRES_PASSWORD, or correct the target",
    "no password supplied": "set CX_POSTGRES_PASSWORD",
    "does not exist": "create it on the server, or set CX_POSTGRES_DATABASE or CX_POSTGRES_USER",
    "Connection refused": "start the server, or set CX_POSTGRES_HOST and CX_POSTGRES_PORT",
    "server does not support SSL": "let the server encrypt, or say sslmode: prefer in the target",
    "translate host name": "correct CX_POSTGRES_HOST",
    "resolve host": "correct CX_POSTGRES_HOST",
}


class Reader:
    """A connection that answers one query at a time, in a transaction that writes nothing."""

    def __init__(self, connection: psycopg.Connection):
        self._connection = connection

    def execute(self, sql: str, /) -> psycopg.Cursor:
        """The answer to a query. Raises psycopg.Error, also for more than one, and goes on with the next."""
        with self._connection.transaction():
            # By its extended protocol, which has answers in binary, the server takes no second statement.
            return self._connection.execute(sql, binary=True)

    def copied(self, query: str) -> Iterator[bytes | bytearray | memoryview]:
        """The answer to a query as CSV. ``execute`` must have answered it, because here it could be several."""
        with self._connection.cursor().copy(f"copy ({query}) to stdout (format csv)") as copy:
            yield from copy


class PostgresServer:
    """The database that a profile's output names.

    ``reader`` is the role that is granted what is published. Reading commands log in as ``reader_user``; where none is
    named, the builder's session takes the role ``reader``.
    """

    def __init__(self, output: Mapping[str, Any]):
        named = {key: value for key, value in output.items() if value not in (None, "")}
        self._arguments = connection_arguments(output)
        self.reader: str | None = named.get("reader")
        self.schema: str = named.get("schema", "main")
        self._asks = {key: named[f"reader_{key}"] for key in ("user", "password") if f"reader_{key}" in named}

    @property
    def location(self) -> str:
        """The address, without a password."""
        host, port = self._arguments.get("host", "localhost"), self._arguments.get("port", 5432)
        return f"postgresql://{host}:{port}/{self._arguments.get('dbname', '')}"

    @contextmanager
    def connected(
        self, settings: Mapping[str, str] = SETTINGS, login: Mapping[str, Any] | None = None
    ) -> Iterator[psycopg.Connection]:
        """A connection on which each statement is kept at once, for the builder or another ``login``. Raises CxError
        when there is none to be had."""
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        try:
            connection = psycopg.connect(
                **{"connect_timeout": 10, **self._arguments, **(login or {})},
                options=options,
                application_name="cxmetrics",
                client_encoding="utf8",
                autocommit=True,
                prepare_threshold=None,
            )
        except psycopg.Error as error:
            raise self._refused(error) from error
        with connection:
            yield connection

    @contextmanager
    def building(self) -> Iterator[psycopg.Connection]:
        """Like ``connected``, for a role that may create schemas. Raises CxError when it may not."""
        with self.connected() as connection:
            database, user, may = first_row(
                connection,
                "select current_database(), current_user, has_database_privilege(current_database(), 'create')",
            )
            if not may:
                raise CxError(
                    f"the role {user} may not create schemas in the database {database}",
                    file=self.location,
                    next_step=f"grant create on database {identifier(database)} to {identifier(user)}",
                )
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A read-only session of the reader's role. A publication waits for it a while; what is read across one is
        refused at the end, so that all of an answer is of one build.

        Raises NothingPublished, and CxError when the session may not read.
        """
        with self.connected(SETTINGS | READING, self._asks) as connection:
            try:
                if not self._asks:
                    self._require_own(connection)
                    connection.execute(f"set role {identifier(self._require_reader())}")
                before = self._lock_published(connection)
            except psycopg.Error as error:
                raise CxError(
                    f"what was published cannot be read: {str(error).splitlines()[0]}",
                    file=self.location,
                    next_step="set CX_POSTGRES_READER_USER and CX_POSTGRES_READER_PASSWORD to a role that may:"
                    " docs/guides/operating.md",
                ) from error
            yield Reader(connection)
            if _published(connection) != before:
                what = "a build was published while the one before was read"
                raise CxError(what, file=self.location, next_step="run the command again")
            connection.rollback()

    def _require_reader(self) -> str:
        if self.reader is None:
            raise CxError(
                "the target names no role that reads",
                file=self.location,
                next_step="give it reader, or reader_user and reader_password: docs/guides/operating.md",
            )
        return self.reader

    def _require_own(self, connection: psycopg.Connection) -> None:
        """A view of somebody else's runs functions of theirs, which can take the builder's role back."""
        schema = SWAPPED.split(".")[0]
        if other := owner(connection, schema):
            raise CxError(
                f"the database has a schema {schema} that belongs to {other}, and the builder reads nothing there",
                file=self.location,
                next_step="use a database of its own, or set CX_POSTGRES_READER_USER and CX_POSTGRES_READER_PASSWORD:"
                " docs/guides/operating.md",
            )

    def _lock_published(self, connection: psycopg.Connection) -> int:
        """Begin to read, behind a publication that is at it; what is read, for ``_published``."""
        connection.execute("begin transaction read only")
        if _published(connection) is None:
            raise NothingPublished("nothing has been published yet", file=self.location)
        connection.execute(f"lock table {SWAPPED} in access share mode")
        found = _published(connection)
        if found is None:
            raise NothingPublished("what was published has been taken away", file=self.location)
        return found

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The lock of whoever builds: a session's, which the server gives back whatever becomes of the session.

        Raises CxError when another session holds it, saying which, and when a schema of the build is somebody else's.
        """
        with self.building() as connection:
            require_own_schema(connection, self.schema)
            table = relation(self.schema, BUILDING)
            # And nothing else: whatever changes it, a comment too, would wait for whoever holds the lock.
            connection.execute(sql("create table if not exists {table} ()", table=table))
            with connection.transaction():
                try:
                    connection.execute(f"lock table {table} in exclusive mode nowait")
                except psycopg.errors.LockNotAvailable as error:
                    raise CxError(
                        f"another build is at work in this database{self._builder()}",
                        file=self.location,
                        next_step="wait until it has ended, then run the command again",
                    ) from error
                yield

    def _builder(self) -> str:
        """Whose session builds, as the end of a sentence; nothing when it has ended meanwhile."""
        with self.connected() as connection:
            found = holders(connection, relation(self.schema, BUILDING))
        return f": {found[0]}" if found else ""

    def _refused(self, error: psycopg.Error) -> CxError:
        # libpq repeats itself for every address of a host; the last line has the reason.
        said = str(error).strip().splitlines()[-1].split("FATAL:")[-1].split("failed:")[-1].strip()
        step = next(
            (step for words, step in REFUSALS.items() if words in str(error)), "check the target in profiles.yml"
        )
        return CxError(f"cannot connect to PostgreSQL: {said}", file=self.location, next_step=step)


def gather_statistics(connection: psycopg.Connection, schemas: str) -> None:
    """For our tables of the schemas whose names begin so. Autovacuum comes a minute later; they are read at once.

    A table of somebody else's is not even looked at: its owner may hold a lock on it for as long as they like.
    """
    tables = connection.execute(
        sql(
            "select schemaname, tablename from pg_tables"
            " where starts_with(schemaname, {schemas}) and tableowner = current_user",
            schemas=literal(schemas),
        )
    ).fetchall()
    for schema, table in tables:
        connection.execute(f"analyze {relation(schema, table)}")


def owner(connection: psycopg.Connection, schema: str) -> str | None:
    """Whose a schema is, when it is there and not of the role that asks."""
    query = sql(
        "select pg_get_userbyid(nspowner) from pg_namespace"
        " where nspname = {schema} and pg_get_userbyid(nspowner) <> current_user",
        schema=literal(schema),
    )
    found = connection.execute(query).fetchone()
    return found[0] if found else None


def require_own_schema(connection: psycopg.Connection, schema: str) -> None:
    """Make a schema for what is built. Raises CxError when it is there and somebody else's, who could take away or add
    what they like in it."""
    connection.execute(sql("create schema if not exists {schema}", schema=identifier(schema)))
    if other := owner(connection, schema):
        raise CxError(
            f"the database has a schema {schema} that belongs to {other}, and cxmetrics builds there",
            next_step="use a database of its own, or, when you know all that is in it, 'alter schema"
            f" {identifier(schema)} owner to {identifier(connection.info.user)}'",
        )


def holders(connection: psycopg.Connection, table: str) -> list[str]:
    """Which other sessions hold a lock on a table, the longest first. Of sessions of another role the server says no
    more than the name."""
    query = sql(
        """
        select sessions.pid, sessions.usename, coalesce(host(sessions.client_addr), 'the server itself'),
            to_char(sessions.backend_start, 'YYYY-MM-DD HH24:MI:SS "UTC"')
        from pg_locks as locks
        inner join pg_stat_activity as sessions on locks.pid = sessions.pid
        where locks.locktype = 'relation' and locks.granted and locks.pid <> pg_backend_pid()
            and locks.relation = cast(to_regclass({table}) as oid)
            and locks.database = (select oid from pg_database where datname = current_database())
        order by sessions.backend_start nulls last
        """,
        table=literal(table),
    )
    found = connection.execute(query).fetchall()
    return [
        f"session {pid} of {user} from {address}, since {since}" if since else f"session {pid} of {user}"
        for pid, user, address, since in found
    ]


def _published(connection: psycopg.Connection) -> int | None:
    """A number that is another one after a publication; None before the first.

    Read from the catalogue: inside a transaction the server may go on resolving a name as it did before.
    """
    schema, table = SWAPPED.split(".")
    query = sql(
        "select pg_class.oid from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace"
        " where nspname = {schema} and relname = {table}",
        schema=literal(schema),
        table=literal(table),
    )
    found = connection.execute(query).fetchone()
    return found[0] if found else None
