import datetime

import duckdb
import pytest

from cxmetrics.definitions.calendar import Calendar
from cxmetrics.engines.sql import sql
from cxmetrics.errors import CxError
from cxmetrics.published.build_info import BuildInfo, read_build_info

AS_OF = datetime.datetime(2026, 6, 30, 23, 59, 59)


def read(sources: str | None, relation: str = "metrics.build_info") -> BuildInfo:
    with duckdb.connect(":memory:") as connection:
        schema = relation.split(".")[0]
        connection.execute(f"create schema {schema}")
        connection.execute(
            f"create table {relation} (as_of timestamp, sources varchar, is_synthetic boolean, version varchar)"
        )
        connection.execute(sql("insert into {table} values (?, ?, true, '1.2')", table=relation), [AS_OF, sources])
        return read_build_info(connection, relation)


@pytest.mark.parametrize(
    ("stored", "sources"),
    [("canonical, demo", ("canonical", "demo")), ("canonical", ("canonical",)), ("", ()), (None, ())],
)
def test_sources_are_a_list_again(stored: str | None, sources: tuple[str, ...]):
    info = read(stored)
    assert info == BuildInfo(AS_OF, sources, True, "1.2")
    assert info.source_names == (stored or "")


def test_a_build_that_is_not_published_yet_is_read_from_its_own_schema():
    assert read("canonical", "build_metrics.build_info").sources == ("canonical",)


def test_json_has_the_same_keys_as_the_table():
    assert read("canonical, demo").as_dict() == {
        "as_of": "2026-06-30 23:59:59",
        "sources": "canonical, demo",
        "is_synthetic": True,
        "version": "1.2",
        "reporting_timezone": "UTC",
        "week_starts_on": "monday",
    }


def test_a_publication_says_whose_days_and_weeks_it_has():
    with duckdb.connect(":memory:") as connection:
        connection.execute("create schema metrics")
        connection.execute(
            "create table metrics.build_info as select timestamp '2025-12-01 04:59:59' as as_of, '' as sources,"
            " false as is_synthetic, '1' as version, 'America/New_York' as reporting_timezone,"
            " 'sunday' as week_starts_on"
        )
        info = read_build_info(connection)
    assert info.calendar == Calendar("America/New_York", "sunday")
    assert info.as_of_day == datetime.date(2025, 11, 30)


def test_a_table_without_a_row_is_an_error_with_a_next_step():
    with duckdb.connect(":memory:") as connection:
        connection.execute("create schema metrics")
        connection.execute("create table metrics.build_info (as_of timestamp, sources text, is_synthetic bool)")
        connection.execute("alter table metrics.build_info add column version varchar")
        with pytest.raises(CxError) as refused:
            read_build_info(connection)
    assert refused.value.next_step == "cx build"
