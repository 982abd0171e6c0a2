"""A database of its own on a real server, for tests of the engine PostgreSQL.

Which server is said by CX_POSTGRES_HOST, _PORT, _USER and _PASSWORD; its role must be allowed to create databases and
roles. Without CX_POSTGRES_HOST, and where that server does not answer, the tests are skipped (``workplace.need``).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.interface import Engine
from support.workplace import Workplace, need

HOW = (
    "apt install postgresql; create role cx superuser login password 'cx'; then"
    " CX_POSTGRES_HOST=localhost CX_POSTGRES_USER=cx CX_POSTGRES_PASSWORD=cx"
)


@dataclass(frozen=True)
class Server(Workplace):
    """A workplace whose target ``postgres`` is one database; ``reader`` is the role of those who read."""

    database: str = ""
    reader: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"CX_POSTGRES_DATABASE": self.database, "CX_POSTGRES_READER": self.reader}

    @contextmanager
    def connected(self, **changed: str) -> Iterator[Any]:
        """A connection on which every statement is kept at once."""
        import psycopg

        with psycopg.connect(**{**_server(), "dbname": self.database, **changed}, autocommit=True) as connection:
            yield connection

    def engine(self, project: Project) -> Engine:
        """The engine of this database, in this process."""
        from cxmetrics.engines.postgres.engine import PostgresEngine

        return PostgresEngine(project, "postgres", {**_server(), "dbname": self.database, "reader": self.reader})

    def query(self, sql: str) -> list[tuple]:
        with self.connected() as connection:
            return connection.execute(sql).fetchall()


def _server() -> dict[str, str]:
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return {
        key: os.environ[f"CX_POSTGRES_{name}"] for key, name in names.items() if f"CX_POSTGRES_{name}" in os.environ
    }


def require_server() -> None:
    """Skip the test, saying how to get one, where no server is named or it does not answer."""
    try:
        import psycopg
    except ImportError:
        need("postgres", False, "pip install 'cxmetrics[postgres]'")
        return
    need("postgres", "CX_POSTGRES_HOST" in os.environ, HOW)
    try:
        psycopg.connect(**_server(), dbname="postgres", connect_timeout=5).close()
    except psycopg.Error as error:
        need("postgres", False, f"{str(error).splitlines()[0]}; {HOW}")


@contextmanager
def new_database(folder: Path) -> Iterator[Server]:
    """An empty database and the name of a role, both gone when the block ends."""
    require_server()
    import psycopg

    name = f"cx_test_{secrets.token_hex(4)}"
    server = Server(folder, name, f"{name}_reader")
    with psycopg.connect(**_server(), dbname="postgres", autocommit=True) as connection:
        connection.execute(f"create database {name} template template0")
        try:
            yield server
        finally:
            # Not `with (force)`: that is refused while a worker of the server cleans up in the database. A plain drop
            # makes the worker stop and waits; what is left of killed builds are sessions of our own.
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = current_user",
                [name],
            )
            connection.execute(f"drop database {name}")
            connection.execute(f"drop role if exists {server.reader}")


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Server]:
    """An empty database."""
    with new_database(tmp_path) as server:
        yield server
