"""Loading on Spark: DuckDB reads, types and checks the files; Spark gets Parquet files and views that read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from cxmetrics.engines.duckdb.loading import DuckDBLoading
from cxmetrics.engines.duckdb.warehouse import shut
from cxmetrics.engines.interface import StoredTable
from cxmetrics.engines.quoting import SparkQuoting
from cxmetrics.engines.spark.files import Storage
from cxmetrics.engines.spark.session import Session, stamp
from cxmetrics.engines.sql import joined, sql
from cxmetrics.errors import CxError

QUARANTINE = "quarantine"


class SparkLoading(DuckDBLoading):
    """A load into an open DuckDB file, whose transaction belongs to whoever opened it, and a folder for what is handed
    over."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path):
        super().__init__(connection)
        self._folder = folder
        self._raw: list[tuple[str, str]] = []

    def create_table(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        super().create_table(schema, table, columns)
        self._raw.append((schema, table))

    def close_files(self) -> None:
        shut(self._connection, self._folder)

    def stored(self, schema: str) -> dict[str, StoredTable]:
        """Files are checked in DuckDB, which cannot look into Spark's metastore: always raises CxError."""
        raise CxError(
            "the target spark reads raw files, not tables that are in the warehouse already",
            got=schema,
            next_step="write the tables as Parquet files, then --raw FOLDER",
        )

    def hand_over(self, session: Session, storage: Storage) -> None:
        """Copy the tables of this load and the quarantine into the warehouse, then let the views read the copies."""
        query = sql(
            "select schema_name, table_name from duckdb_tables() where schema_name = {quarantine}",
            quarantine=self.literal(QUARANTINE),
        )
        quarantine = self.execute(query).fetchall()
        name = f"{stamp()}.parquet"
        tables = [*self._raw, *quarantine]
        for schema, table in tables:
            file = self._folder / f"{schema}.{table}.parquet"
            self._write(schema, table, file)
            storage.store(file, storage.path("inputs", schema, table, name))
        for schema in sorted({schema for schema, _ in tables}):
            session.sql(f"create schema if not exists {SparkQuoting.identifier(schema)}")
        for schema, table in tables:
            folder = storage.path("inputs", schema, table)
            view, file_name = SparkQuoting.relation(schema, table), SparkQuoting.identifier(f"{folder}/{name}")
            session.sql(sql("create or replace view {view} as select * from parquet.{file}", view=view, file=file_name))
            for old in set(storage.names(folder)) - {name, f".{name}.crc"}:
                storage.remove(f"{folder}/{old}")
        # Spark has the raw rows now; what was rejected and found stays here as well, for the next load.
        for schema, table in self._raw:
            self.execute(f"drop table {self.relation(schema, table)}")

    def _write(self, schema: str, table: str, file: Path) -> None:
        query = sql(
            "select column_name, data_type from duckdb_columns()"
            " where schema_name = {schema} and table_name = {table} order by column_index",
            schema=self.literal(schema),
            table=self.literal(table),
        )
        # With a zone in the file, UTC, Spark reads its own type timestamp and not timestamp_ntz.
        selected = joined(
            sql("{name}::timestamptz as {name}", name=self.identifier(name))
            if data_type == "TIMESTAMP"
            else self.identifier(name)
            for name, data_type in self.execute(query).fetchall()
        )
        select = sql("select {selected} from {table}", selected=selected, table=self.relation(schema, table))
        self.execute(f"copy ({select}) to {self.literal(str(file))} (format parquet)")
