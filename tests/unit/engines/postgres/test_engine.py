"""PostgreSQL behind the interface of an engine."""

from __future__ import annotations

import datetime
from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.sql import Sql
from cxmetrics.errors import CxError, NothingPublished
from support.parsed_project import ROOT
from support.postgres_server import Server, postgres

__all__ = ["postgres"]


def test_nothing_is_published_at_first(postgres: Server):
    with pytest.raises(NothingPublished) as caught, postgres.engine(Project(ROOT)).published():
        pass
    assert caught.value.next_step == "cx build --target postgres"


def test_what_belongs_together_is_kept_as_a_whole_or_not_at_all(postgres: Server):
    engine = postgres.engine(Project(ROOT))
    with pytest.raises(KeyError), engine.writing() as connection:
        connection.execute("create schema a")
        raise KeyError
    with engine.writing() as connection:
        connection.execute("create schema c")
    assert postgres.query("select nspname from pg_namespace where nspname in ('a', 'c')") == [("c",)]


def test_a_build_is_reserved_for_all_of_its_connections(postgres: Server):
    engine = postgres.engine(Project(ROOT))
    with engine.reserved() as notes, engine.building():
        assert notes == []
        with pytest.raises(CxError, match="another build is at work"), engine.reserved():
            pass


def test_an_answer_is_written_as_parquet_with_its_types(postgres: Server, tmp_path: Path):
    engine, file = postgres.engine(Project(ROOT)), tmp_path / "it's \\ here.parquet"
    query = """select 1::bigint as n, 0.1::float8 as value, date '2024-02-29' as day, true as is_so,
        timestamp '2024-02-29 01:02:03.000004' as at, E'it''s "a", \\\\ \\n' as "te'xt",
        '' as blank, null::text as none"""
    with engine.building() as connection:
        connection.execute("create schema metrics; create table metrics.build_info as select 1 as build")
        connection.execute(f"grant usage on schema metrics to {postgres.reader}")
        connection.execute(f"grant select on metrics.build_info to {postgres.reader}")
    with engine.published(file) as reader:
        with pytest.raises(engine.failure):
            engine.write_parquet(reader, Sql("select 1) to stdout; create schema planted; select (1"), file)
        engine.write_parquet(reader, Sql(query), file)
    written = duckdb.read_parquet(str(file))
    assert written.columns == ["n", "value", "day", "is_so", "at", "te'xt", "blank", "none"]
    assert [str(kind) for kind in written.types] == [
        "BIGINT", "DOUBLE", "DATE", "BOOLEAN", "TIMESTAMP", "VARCHAR", "VARCHAR", "VARCHAR",
    ]  # fmt: skip
    moment = datetime.datetime(2024, 2, 29, 1, 2, 3, 4)
    assert written.fetchall() == [(1, 0.1, moment.date(), True, moment, 'it\'s "a", \\ \n', "", None)]
