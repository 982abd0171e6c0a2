"""SQLAlchemy on a psycopg connection that is already open, for Great Expectations.

It reads inside the transaction of whoever opened the connection: it sees rows that are not committed yet and can end
nothing.
"""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.pool import StaticPool

URL = "postgresql+shared://"


def engine_arguments(connection: psycopg.Connection) -> dict[str, Any]:
    """Arguments of ``sqlalchemy.create_engine`` that make it use this very connection."""
    registry.register("postgresql.shared", __name__, "SharedPostgresDialect")
    return {"creator": lambda: connection, "poolclass": StaticPool}


class SharedPostgresDialect(PGDialect_psycopg):
    """PostgreSQL's dialect on a connection whose transaction and end belong to whoever opened it."""

    supports_statement_cache = False

    def __init__(self, **arguments: Any):
        # Asking for a type that is not installed would need a statement and a transaction of its own.
        super().__init__(use_native_hstore=False, **arguments)  # type: ignore[no-untyped-call]  # SQLAlchemy's own

    def do_begin(self, dbapi_connection: Any) -> None:
        """The transaction belongs to whoever opened the connection."""

    do_commit = do_rollback = do_close = do_terminate = do_begin
