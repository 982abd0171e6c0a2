"""A database of its own on a real server, for tests of the engine PostgreSQL.

Which server is said by CX_POSTGRES_HOST, _PORT, _USER and _PASSWORD; its role must be allowed to create databases and
roles. Without CX_POSTGRES_HOST, and where that server does not answer, the tests are skipped (``workplace.need``).
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.interface import Engine
from support.workplace import ROOT, Workplace, need

HOW = (
    "apt install postgresql; create role cx_ci login createdb createrole password 'cx_ci'; then"
    " CX_POSTGRES_HOST=localhost CX_POSTGRES_USER=cx_ci CX_POSTGRES_PASSWORD=cx_ci"
)


GUIDE = ROOT / "docs" / "guides" / "operating.md"


@dataclass(frozen=True)
class Server(Workplace):
    """A workplace whose target ``postgres`` is one database, with the roles that the guide for operators makes:
    ``builder``, ``reader``, and ``asker``, who logs in to read."""

    database: str = ""
    password: str = ""

    @property
    def builder(self) -> str:
        return f"{self.database}_builder"

    @property
    def reader(self) -> str:
        return f"{self.database}_reader"

    @property
    def asker(self) -> str:
        return f"{self.database}_asker"

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {
            "CX_POSTGRES_DATABASE": self.database,
            "CX_POSTGRES_USER": self.builder,
            "CX_POSTGRES_PASSWORD": self.password,
            "CX_POSTGRES_READER": self.reader,
            "CX_POSTGRES_READER_USER": self.asker,
            "CX_POSTGRES_READER_PASSWORD": self.password,
        }

    @contextmanager
    def connected(self, **changed: str) -> Iterator[Any]:
        """A connection of the builder on which every statement is kept at once."""
        import psycopg

        with psycopg.connect(**{**self._login(self.builder), **changed}, autocommit=True) as connection:
            yield connection

    def administrator(self) -> AbstractContextManager[Any]:
        """Like ``connected``, for the role that made the others."""
        return self.connected(**_server())

    def engine(self, project: Project, **changed: str) -> Engine:
        """The engine of this database, in this process."""
        from cxmetrics.engines.postgres.engine import PostgresEngine

        login = {"reader_user": self.asker, "reader_password": self.password}
        output = {**self._login(self.builder), **login, "reader": self.reader, "schema": "main", **changed}
        return PostgresEngine(project, "postgres", output)

    def query(self, sql: str) -> list[tuple]:
        with self.connected() as connection:
            return connection.execute(sql).fetchall()

    def _login(self, user: str) -> dict[str, str]:
        return {**_server(), "dbname": self.database, "user": user, "password": self.password}


def _server() -> dict[str, str]:
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return {
        key: os.environ[f"CX_POSTGRES_{name}"] for key, name in names.items() if f"CX_POSTGRES_{name}" in os.environ
    }


def need_driver() -> None:
    """Skip the test where the driver is not installed."""
    need("postgres", find_spec("psycopg") is not None, "pip install 'cxmetrics[postgres]'")


def require_server() -> None:
    """Skip the test, saying how to get one, where no server is named or it does not answer."""
    need_driver()
    import psycopg

    need("postgres", "CX_POSTGRES_HOST" in os.environ, HOW)
    try:
        psycopg.connect(**_server(), dbname="postgres", connect_timeout=5).close()
    except psycopg.Error as error:
        need("postgres", False, f"{str(error).splitlines()[0]}; {HOW}")


@contextmanager
def new_database(folder: Path) -> Iterator[Server]:
    """An empty database and its roles, made by the statements of the guide; all gone when the block ends."""
    require_server()
    import psycopg

    server = Server(folder, f"cx_test_{secrets.token_hex(4)}", secrets.token_hex(8))
    before, after = guide_statements(server)
    with psycopg.connect(**_server(), dbname="postgres", autocommit=True) as connection:
        for statement in before:
            connection.execute(statement)
        try:
            with server.administrator() as inside:
                for statement in after:
                    inside.execute(statement)
            yield server
        finally:
            _drop(connection, server)


def guide_statements(server: Server) -> tuple[list[str], list[str]]:
    """What the guide lets an administrator run, before and after the database is there, with this server's names."""
    (block,) = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names = {"cx_builder": server.builder, "cx_reader": server.reader, "cx_asker": server.asker}
    names |= {"database cx": f"database {server.database}", "'...'": f"'{server.password}'"}
    for name, own in names.items():
        block = block.replace(name, own)
    before, after = block.split("\\c cx\n")
    return tuple([line for line in part.splitlines() if line] for part in (before, after))


def _drop(connection: Any, server: Server) -> None:
    roles = [name for (name,) in connection.execute(
        "select rolname from pg_roles where starts_with(rolname, %s)", [f"{server.database}_"]
    ).fetchall()]  # fmt: skip
    for role in roles:
        connection.execute(f"grant {role} to current_user")
    # Not `with (force)`: that is refused while a worker of the server cleans up in the database. A plain drop makes the
    # worker stop and waits; what is left of killed builds are sessions of our own.
    connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = any(%s)",
        [server.database, [*roles, connection.info.user]],
    )
    connection.execute(f"drop database {server.database}")
    for role in roles:
        connection.execute(f"drop role {role}")


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Server]:
    """An empty database."""
    with new_database(tmp_path) as server:
        yield server
