"""A database of a PostgreSQL server: how it is reached, and the locks of those who build, publish and read there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

from cxmetrics.engines.interface import first_row
from cxmetrics.engines.quoting import identifier, literal, relation
from cxmetrics.errors import CxError

# Keys of the profile that are libpq's own, and how dbt also calls some of them.
CONNECTION_KEYS = (
    "host", "port", "user", "password", "dbname", "connect_timeout", "sslmode", "sslcert", "sslkey", "sslrootcert",
)  # fmt: skip
ALIASES = {"pass": "password", "database": "dbname"}
# Days begin in UTC. Compiling a query to machine code costs more than these queries take, and their sorts and hashes
# are larger than the server's default of 4 MB.
SETTINGS = {"timezone": "UTC", "datestyle": "ISO", "jit": "off", "work_mem": "128MB", "client_min_messages": "error"}
# Advisory locks: a build at work; readers and the swap of schemas, which would give half of each build.
BUILD_LOCK, SWAP_LOCK = 0x6378_0001, 0x6378_0002

# What libpq says, which has no codes for it -> what to do.
REFUSALS = {
    "password authentication failed": "set CX_POSTGRES_USER and CX_POSTGRES_PASSWORD, or correct the target",
    "no password supplied": "set CX_POSTGRES_PASSWORD",
    "does not exist": "create it on the server, or set CX_POSTGRES_DATABASE or CX_POSTGRES_USER",
    "Connection refused": "start the server, or set CX_POSTGRES_HOST and CX_POSTGRES_PORT",
    "translate host name": "correct CX_POSTGRES_HOST",
    "resolve host": "correct CX_POSTGRES_HOST",
}


class PostgresServer:
    """The database that a profile's output names. ``reader`` is the role that is granted what is published."""

    def __init__(self, output: Mapping[str, Any]):
        named = {ALIASES.get(key, key): value for key, value in output.items() if value not in (None, "")}
        self._arguments = {key: named[key] for key in CONNECTION_KEYS if key in named}
        self.reader: str | None = named.get("reader")

    @property
    def place(self) -> str:
        """The address, without a password."""
        host, port = self._arguments.get("host", "localhost"), self._arguments.get("port", 5432)
        return f"postgresql://{host}:{port}/{self._arguments.get('dbname', '')}"

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection]:
        """A connection on which each statement is kept at once. Raises CxError when there is none to be had."""
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        try:
            connection = psycopg.connect(
                **{"connect_timeout": 10, **self._arguments},
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
                    file=self.place,
                    next_step=f"grant create on database {identifier(database)} to {identifier(user)}",
                )
            yield connection

    @contextmanager
    def reading(self) -> Iterator[psycopg.Connection]:
        """A read-only connection; a publication waits until it is closed, so that all it reads is of one build."""
        with self.connected() as connection:
            connection.execute("set default_transaction_read_only = on")
            connection.execute(f"select pg_advisory_lock_shared({SWAP_LOCK})")
            yield connection

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The lock of whoever builds: a session's, which the server gives back whatever becomes of the session.

        Raises CxError when another session holds it, saying which.
        """
        with self.building() as connection:
            if not first_row(connection, f"select pg_try_advisory_lock({BUILD_LOCK})")[0]:
                raise CxError(
                    f"another build is at work in this database{_holder(connection)}",
                    file=self.place,
                    next_step="wait until it has ended, then run the command again",
                )
            yield

    def _refused(self, error: psycopg.Error) -> CxError:
        # libpq repeats itself for every address of a host; the last line has the reason.
        said = str(error).strip().splitlines()[-1].split("FATAL:")[-1].split("failed:")[-1].strip()
        step = next(
            (step for words, step in REFUSALS.items() if words in str(error)), "check the target in profiles.yml"
        )
        return CxError(f"cannot connect to PostgreSQL: {said}", file=self.place, next_step=step)


def gather_statistics(connection: psycopg.Connection, schemas: str) -> None:
    """For the tables of the schemas whose names begin so. Autovacuum comes a minute later; they are read at once."""
    tables = connection.execute(
        "select schemaname, tablename from pg_tables"  # noqa: S608
        f" where starts_with(schemaname, {literal(schemas)})"
    ).fetchall()
    for schema, table in tables:
        connection.execute(f"analyze {relation(schema, table)}")


def _holder(connection: psycopg.Connection) -> str:
    """Whose session holds the lock of a build, as the end of a sentence; nothing when it has ended meanwhile."""
    found = connection.execute(f"""
        select sessions.pid, sessions.usename, coalesce(host(sessions.client_addr), 'the server itself'),
            to_char(sessions.backend_start, 'YYYY-MM-DD HH24:MI:SS "UTC"')
        from pg_locks as locks
        inner join pg_stat_activity as sessions on locks.pid = sessions.pid
        where locks.locktype = 'advisory' and locks.granted and locks.classid = 0 and locks.objid = {BUILD_LOCK}
            and sessions.datname = current_database()
    """).fetchone()  # noqa: S608
    return ": session {} of {} from {}, since {}".format(*found) if found else ""
