"""Loading on DuckDB: files are read, typed, stored and checked in one open database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from cxmetrics.engines.duckdb.warehouse import room, shut
from cxmetrics.engines.file_reader import KEY_TABLE, FileReader
from cxmetrics.engines.interface import StoredTable
from cxmetrics.engines.quoting import StandardQuoting, literal
from cxmetrics.engines.sql import Sql, sql


class DuckDBLoading(StandardQuoting):
    """A load into an open database. Its connection, and any transaction, belong to whoever opened it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self._connection = connection

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(sql)

    def begin(self, reader: FileReader) -> None:
        reader.prepare(self._connection)

    def forget_key(self) -> None:
        FileReader.forget_key(self._connection)

    def create_schema(self, schema: str) -> None:
        self.execute(f"create schema if not exists {self.identifier(schema)}")

    def create_table(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        declared = ", ".join(f"{self.identifier(name)} {data_type}" for name, data_type in columns.items())
        self.create_schema(schema)
        self.execute(f"create or replace table {self.relation(schema, table)} ({declared})")

    def append(self, schema: str, table: str, select: str) -> int:
        # What goes wrong with the database is no complaint about the file that is read.
        with room():
            rows = self.execute(f"insert into {self.relation(schema, table)} {select}").fetchone()
        return rows[0] if rows else 0

    insert = append

    def close_files(self) -> None:
        shut(self._connection)

    def stored(self, schema: str) -> dict[str, StoredTable]:
        found: dict[str, dict[str, str]] = {}
        query = sql(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_schema = {schema} and table_catalog = current_database()"
            " order by table_name, ordinal_position",
            schema=self.literal(schema),
        )
        for table, column, data_type in self.execute(query).fetchall():
            found.setdefault(table, {})[column] = data_type
        return {table: StoredTable(self.relation(schema, table), columns) for table, columns in found.items()}

    def gx_data_source(self, context: Any) -> Any:
        # SQLAlchemy takes a sixth of a second, and the checks alone need it.
        from cxmetrics.engines.duckdb import sqlalchemy_dialect

        arguments = sqlalchemy_dialect.engine_arguments(self._connection)
        return context.data_sources.add_sql(
            "warehouse", connection_string=sqlalchemy_dialect.URL, create_temp_table=False, kwargs=arguments
        )

    def runnable(self, query: str) -> Sql:
        return Sql(query)

    @staticmethod
    def masked(text: str) -> Sql:
        """SQL: the first 40 characters with digits as 9, letters as a, control characters as blanks and signs of ASCII
        as they are; without all others, such as marks above letters, directions and letters in circles."""
        digits = sql("regexp_replace(left({text}, 40), '\\p{{Nd}}', '9', 'g')", text=text)
        letters = sql("regexp_replace({digits}, '\\p{{L}}', 'a', 'g')", digits=digits)
        blanks = sql("regexp_replace({letters}, '\\p{{Cc}}', ' ', 'g')", letters=letters)
        return sql("regexp_replace({blanks}, '[^ -~]', '', 'g')", blanks=blanks)

    @staticmethod
    def hashed(text: str) -> Sql:
        """SQL: the HMAC-SHA256 of a text with the key of the load, in hexadecimal digits."""
        inner = sql("sha256((select inner_pad from temp.{key}) || encode({text}))", key=KEY_TABLE, text=text)
        return sql("sha256((select outer_pad from temp.{key}) || unhex({inner}))", key=KEY_TABLE, inner=inner)

    @staticmethod
    def matches(text: str, pattern: str) -> Sql:
        """SQL: whether the whole text has the form of a pattern."""
        return sql("regexp_full_match({text}, {pattern})", text=text, pattern=literal(pattern))
