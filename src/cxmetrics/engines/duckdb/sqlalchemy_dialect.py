"""SQLAlchemy on a DuckDB connection that is already open, for Great Expectations.

Great Expectations fetches results after it has given the connection back, and would commit or roll back on it. Here it
reads inside the transaction of whoever opened the connection: it sees rows that are not committed yet and can end
nothing.
"""

from __future__ import annotations

import warnings
from typing import Any

import duckdb
import duckdb_engine
from sqlalchemy import text, types
from sqlalchemy.dialects import registry
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.engine.interfaces import ReflectedPrimaryKeyConstraint
from sqlalchemy.pool import StaticPool

URL = "duckdb+shared:///:memory:"

# Great Expectations looks at 200 rows of a result at most; a result that is longer is cut here, and reading beyond the
# cut is an error rather than a wrong answer.
MAX_ROWS = 10_000

SQLALCHEMY_TYPES = {
    "VARCHAR": types.String,
    "BIGINT": types.BigInteger,
    "INTEGER": types.Integer,
    "DOUBLE": types.Float,
    "BOOLEAN": types.Boolean,
    "DATE": types.Date,
    "TIMESTAMP": types.DateTime,
}


def engine_arguments(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Arguments of ``sqlalchemy.create_engine`` that make it use this very connection."""
    registry.register("duckdb.shared", __name__, "SharedDuckDBDialect")
    warnings.filterwarnings("ignore", category=duckdb_engine.DuckDBEngineWarning)
    return {"creator": lambda: _SharedConnection(connection), "poolclass": StaticPool}


class _SharedConnection(duckdb_engine.ConnectionWrapper):
    def close(self) -> None:
        """The connection belongs to whoever opened it."""


class _BoundedRows(FullyBufferedCursorFetchStrategy):
    """The first rows of a result, read at once."""

    def __init__(self, cursor: Any):
        rows = cursor.fetchmany(MAX_ROWS + 1)
        self.is_cut = len(rows) > MAX_ROWS
        super().__init__(cursor, initial_buffer=rows[:MAX_ROWS])

    def fetchone(self, result: Any, dbapi_cursor: Any, hard_close: bool = False) -> Any:
        self._stop_at_the_cut(1)
        return super().fetchone(result, dbapi_cursor, hard_close)

    def fetchmany(self, result: Any, dbapi_cursor: Any, size: int | None = None) -> Any:
        self._stop_at_the_cut(size or MAX_ROWS + 1)
        return super().fetchmany(result, dbapi_cursor, size)

    def fetchall(self, result: Any, dbapi_cursor: Any) -> Any:
        self._stop_at_the_cut(MAX_ROWS + 1)
        return super().fetchall(result, dbapi_cursor)

    def _stop_at_the_cut(self, wanted: int) -> None:
        if self.is_cut and wanted > len(self._rowbuffer):
            raise OverflowError(f"the result has more than {MAX_ROWS:,} rows")


class SharedDuckDBDialect(duckdb_engine.Dialect):
    """DuckDB's dialect without transactions, with buffered results and columns from DuckDB's own catalogue."""

    supports_statement_cache = False

    def do_begin(self, dbapi_connection: Any) -> None:
        """The transaction belongs to whoever opened the connection."""

    do_commit = do_begin

    def do_rollback(self, connection: Any) -> None:
        """As ``do_begin``; duckdb-engine names the argument so."""

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        super().do_execute(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]  # SQLAlchemy's own
        if context is not None and cursor.description:
            context.cursor_fetch_strategy = _BoundedRows(cursor)

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> list[Any]:
        """Name and type of each column. The inherited query does not run on DuckDB 1.5."""
        rows = connection.execute(
            text(
                "select column_name, data_type from duckdb_columns()"
                " where schema_name = :schema and table_name = :table_name order by column_index"
            ),
            {"schema": schema, "table_name": table_name},
        )
        return [
            {"name": name, "type": SQLALCHEMY_TYPES.get(data_type, types.NullType)(), "nullable": True, "default": None}
            for name, data_type in rows
        ]

    def get_pk_constraint(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> ReflectedPrimaryKeyConstraint:
        """Raw tables have no primary key."""
        return {"constrained_columns": [], "name": None}
