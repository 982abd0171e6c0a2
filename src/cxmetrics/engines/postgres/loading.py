"""Loading on PostgreSQL: DuckDB reads and types the files, COPY stores the rows, Great Expectations checks them inside
the same transaction."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from cxmetrics.engines.file_reader import KEY_TABLE, FileReader, pads
from cxmetrics.engines.interface import StoredTable, first_row
from cxmetrics.engines.postgres.server import require_own_schema
from cxmetrics.engines.quoting import StandardQuoting, literal
from cxmetrics.engines.sql import Sql, sql
from cxmetrics.errors import CxError

BLOCK = 1 << 18


class PostgresLoading(StandardQuoting):
    """A load into an open connection, whose transaction belongs to whoever opened it."""

    def __init__(self, connection: psycopg.Connection):
        self._connection = connection
        self._reader = FileReader()
        self._holds_key = False

    def begin(self, reader: FileReader) -> None:
        self._reader = reader

    def forget_key(self) -> None:
        self.execute(f"drop table if exists pg_temp.{KEY_TABLE}")
        self._holds_key = False

    def execute(self, sql: str) -> psycopg.Cursor:
        return self._connection.execute(sql)

    def create_schema(self, schema: str) -> None:
        require_own_schema(self._connection, schema)

    def create_table(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        relation = self.relation(schema, table)
        self.create_schema(schema)
        if self._columns(schema, table) == {name: self._type(declared) for name, declared in columns.items()}:
            # The views of staging, and anybody's own, stay.
            self.execute(f"truncate {relation}")
        else:
            declared = ", ".join(f"{self.identifier(name)} {data_type}" for name, data_type in columns.items())
            self.execute(f"drop table if exists {relation} cascade")
            self.execute(f"create table {relation} ({declared})")

    def append(self, schema: str, table: str, select: str) -> int:
        """DuckDB writes CSV into a pipe and PostgreSQL reads it: no row becomes a Python object, none is on disk."""
        reading, writing = os.pipe()
        with ThreadPoolExecutor(max_workers=1) as threads, self._connection.cursor() as cursor:
            written = threads.submit(_write_csv, self._reader, select, writing)
            try:
                with cursor.copy(f"copy {self.relation(schema, table)} from stdin (format csv)") as copy:
                    while block := os.read(reading, BLOCK):
                        copy.write(block)
                    # What DuckDB could not read must not be kept as a file that ended early.
                    written.result()
            except psycopg.Error as error:
                raise CxError(
                    f"PostgreSQL cannot store a row of {schema}.{table}: {str(error).splitlines()[0]}",
                    next_step="correct the value in the file, then run the command again",
                ) from error
            finally:
                # A writer that is still at work ends at the closed pipe.
                os.close(reading)
            return int(cursor.rowcount)

    def insert(self, schema: str, table: str, select: str) -> int:
        self._hold_key()
        return int(self.execute(f"insert into {self.relation(schema, table)} {select}").rowcount)

    def close_files(self) -> None:
        """The server reads no file for a role that may not."""

    def stored(self, schema: str) -> dict[str, StoredTable]:
        query = sql(
            "select relname from pg_class where relkind in ('r', 'v', 'm', 'p', 'f')"
            " and relnamespace = to_regnamespace({schema}) order by 1",
            schema=self.literal(self.identifier(schema)),
        )
        tables = self.execute(query).fetchall()
        return {name: StoredTable(self.relation(schema, name), self._columns(schema, name)) for (name,) in tables}

    def gx_data_source(self, context: Any) -> Any:
        # SQLAlchemy takes a sixth of a second, and the checks alone need it.
        from cxmetrics.engines.postgres import sqlalchemy_dialect

        arguments = sqlalchemy_dialect.engine_arguments(self._connection)
        return context.data_sources.add_sql(
            "warehouse", connection_string=sqlalchemy_dialect.URL, create_temp_table=False, kwargs=arguments
        )

    def runnable(self, query: str) -> Sql:
        # SQLAlchemy doubles percent signs for a driver that is given parameters.
        return Sql(query.replace("%%", "%"))

    @staticmethod
    def masked(text: str) -> Sql:
        """As on DuckDB. The classes of the database's own collation may know no letters beyond ASCII."""
        digits = sql("regexp_replace(left({text}, 40) collate \"und-x-icu\", '[[:digit:]]', '9', 'g')", text=text)
        letters = sql("regexp_replace({digits} collate \"und-x-icu\", '[[:alpha:]]', 'a', 'g')", digits=digits)
        blanks = sql("regexp_replace({letters} collate \"und-x-icu\", '[[:cntrl:]]', ' ', 'g')", letters=letters)
        # In the order of code points, which "C" has.
        return sql("regexp_replace({blanks} collate \"C\", '[^ -~]', '', 'g')", blanks=blanks)

    @staticmethod
    def hashed(text: str) -> Sql:
        keyed = {"key": KEY_TABLE, "text": text}
        inner = sql("sha256((select inner_pad from pg_temp.{key}) || convert_to({text}, 'UTF8'))", **keyed)
        return sql("encode(sha256((select outer_pad from pg_temp.{key}) || {inner}), 'hex')", inner=inner, **keyed)

    @staticmethod
    def matches(text: str, pattern: str) -> Sql:
        return sql("({text}) ~ {pattern}", text=text, pattern=literal(f"^(?:{pattern})$"))

    def _hold_key(self) -> None:
        """Give the server the key, when its own tables are read. What COPY sends is in no log, as parameters are."""
        if self._reader.key is None or self._holds_key:
            return
        self.execute(f"create temp table {KEY_TABLE} (inner_pad bytea, outer_pad bytea) on commit drop")
        with self._connection.cursor().copy(f"copy pg_temp.{KEY_TABLE} from stdin") as copy:
            copy.write_row(pads(self._reader.key))
        self._holds_key = True

    def _columns(self, schema: str, table: str) -> dict[str, str]:
        query = sql(
            "select attname, format_type(atttypid, null) from pg_attribute"
            " where attrelid = to_regclass({table}) and attnum > 0 and not attisdropped order by attnum",
            table=self.literal(self.relation(schema, table)),
        )
        return dict(self.execute(query).fetchall())

    def _type(self, declared: str) -> str:
        name: str = first_row(self._connection, f"select cast({self.literal(declared)} as regtype)::text")[0]
        return name


def _write_csv(reader: FileReader, select: str, descriptor: int) -> None:
    try:
        with reader.connected() as connection:
            connection.execute(f"copy ({select}) to '/dev/fd/{descriptor}' (format csv, header false)")
    finally:
        os.close(descriptor)
