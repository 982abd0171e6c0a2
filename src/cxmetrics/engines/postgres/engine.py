"""PostgreSQL: one database for what is built and what is published, and readers who never meet a lock.

dbt builds ``build_service`` and its like; publication copies them and swaps them, under the names ``service`` and its
like, for those of the build before.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from cxmetrics.engines import quoting
from cxmetrics.engines.interface import BUILD_PREFIX, Publication
from cxmetrics.engines.postgres.loading import PostgresLoading, gather_statistics
from cxmetrics.errors import CxError, NothingPublished

if TYPE_CHECKING:
    from cxmetrics.definitions.project import Project

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

# What PostgreSQL sends -> how DuckDB, which writes the Parquet file, calls it.
PARQUET_TYPES = {16: "BOOLEAN", 20: "BIGINT", 23: "INTEGER", 701: "DOUBLE", 1082: "DATE", 1114: "TIMESTAMP"}


class PostgresEngine:
    """Loads, runs and publishes in one database of a PostgreSQL server."""

    name = "postgres"
    dialect = "postgres"
    double = "double precision"
    text = "text"
    build_prefix = BUILD_PREFIX
    failure = psycopg.Error
    history = None

    relation = staticmethod(quoting.relation)
    literal = staticmethod(quoting.literal)

    def __init__(self, project: Project, target: str, output: Mapping[str, Any]):
        self.project = project
        self.target = target
        named = {ALIASES.get(key, key): value for key, value in output.items() if value not in (None, "")}
        self._arguments = {key: named[key] for key in CONNECTION_KEYS if key in named}
        self.reader = named.get("reader")

    @property
    def build_place(self) -> str:
        host, port = self._arguments.get("host", "localhost"), self._arguments.get("port", 5432)
        return f"postgresql://{host}:{port}/{self._arguments.get('dbname', '')}"

    published_place = build_place

    @contextmanager
    def reserved(self) -> Iterator[list[str]]:
        """A session's lock, which the server gives back whatever becomes of the session."""
        with self.building() as connection:
            if not connection.execute(f"select pg_try_advisory_lock({BUILD_LOCK})").fetchone()[0]:
                raise CxError(
                    f"another build is at work in this database{_holder(connection)}",
                    file=self.build_place,
                    next_step="wait until it has ended, then run the command again",
                )
            yield []

    @contextmanager
    def building(self) -> Iterator[psycopg.Connection]:
        """A connection on which each statement is kept at once. Raises CxError when it may not create schemas."""
        with self._connected() as connection:
            database, user, may = connection.execute(
                "select current_database(), current_user, has_database_privilege(current_database(), 'create')"
            ).fetchone()
            if not may:
                raise CxError(
                    f"the role {user} may not create schemas in the database {database}",
                    file=self.build_place,
                    next_step=f"grant create on database {quoting.identifier(database)} to {quoting.identifier(user)}",
                )
            yield connection

    @contextmanager
    def writing(self) -> Iterator[psycopg.Connection]:
        """Like ``building``, as one transaction: all of it is kept or, after an exception, nothing."""
        with self.building() as connection, connection.transaction():
            gather_statistics(connection, BUILD_PREFIX)
            yield connection

    @contextmanager
    def loading(self) -> Iterator[PostgresLoading]:
        """Loads into the database, in one transaction."""
        with self.building() as connection, connection.transaction():
            yield PostgresLoading(connection)
            gather_statistics(connection, "raw_")

    @contextmanager
    def published(self) -> Iterator[psycopg.Connection]:
        """A read-only connection; a publication waits until it is closed, so that all it reads is of one build."""
        with self._connected() as connection:
            connection.execute("set default_transaction_read_only = on")
            connection.execute(f"select pg_advisory_lock_shared({SWAP_LOCK})")
            if connection.execute("select to_regclass('metrics.build_info')").fetchone()[0] is None:
                step = f"cx build --target {self.target}"
                raise NothingPublished("nothing has been published yet", file=self.published_place, next_step=step)
            yield connection

    def publish(self, publication: Publication) -> list[str]:
        """Copy into fresh schemas and swap them for the published ones in one transaction."""
        from cxmetrics.engines.postgres.publication import publish_schemas

        return publish_schemas(self, publication)

    def write_parquet(self, connection: psycopg.Connection, query: str, file: Path) -> None:
        """DuckDB writes the file, from what PostgreSQL sends as CSV."""
        import duckdb

        described = connection.execute(f"select * from ({query}) as answer limit 0").description  # noqa: S608
        columns = {column.name: PARQUET_TYPES.get(column.type_code, "VARCHAR") for column in described}
        declared = ", ".join(f"{quoting.literal(name)}: '{data_type}'" for name, data_type in columns.items())
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "answer.csv"
            with answer.open("wb") as out, connection.cursor().copy(f"copy ({query}) to stdout (format csv)") as copy:
                for block in copy:
                    out.write(block)
            duckdb.execute(
                f"copy (from read_csv({quoting.literal(str(answer))}, auto_detect = false, columns = {{{declared}}},"
                f" allow_quoted_nulls = false)) to {quoting.literal(str(file))} (format parquet)"
            )

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
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

    def _refused(self, error: psycopg.Error) -> CxError:
        # libpq repeats itself for every address of a host; the last line has the reason.
        said = str(error).strip().splitlines()[-1].split("FATAL:")[-1].split("failed:")[-1].strip()
        step = next(
            (step for words, step in REFUSALS.items() if words in str(error)), "check the target in profiles.yml"
        )
        return CxError(f"cannot connect to PostgreSQL: {said}", file=self.build_place, next_step=step)


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
