"""The status of a value in SQL, against the rule in words and against the calendar in Python."""

import datetime
from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.people import People
from cxmetrics.definitions.periods import ISO, PERIOD_GRAINS, first_day, is_settled, last_day
from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import sql
from cxmetrics.measure.judgement import LENGTHS, definitions_sql, periods_sql, targets_sql
from cxmetrics.measure.metric_values import MEASURED, metric_values_sql
from support.facts import FIRST, LAST, changed, create_measured, in_memory


def test_periods_are_those_of_the_calendar():
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            "create table days as select cast(unnest(generate_series(date '2025-12-30', date '2026-03-02',"
            " interval '1' day)) as date) as date_day, date_day + interval '1' day as day_ends_at"
        )
        rows = connection.execute(periods_sql("days", ISO)).fetchall()
    days = [datetime.date(2025, 12, 30) + datetime.timedelta(days=i) for i in range(63)]
    expected = {
        (grain, first_day(day, grain), datetime.datetime.combine(last_day(day, grain), datetime.time()))
        for grain in PERIOD_GRAINS
        for day in days
    }
    one_day = datetime.timedelta(days=1)
    assert {(g, start, ends_at - one_day) for g, start, ends_at in rows if g != "all"} == expected
    assert [row for row in rows if row[0] == "all"] == [("all", datetime.date(2025, 12, 30), None)]


def test_there_is_a_length_for_every_grain():
    assert tuple(LENGTHS) == PERIOD_GRAINS


@pytest.mark.parametrize("maturity_days", [0, 1, 7, 31])
def test_the_status_says_of_a_value_what_the_calendar_says(tmp_path: Path, cx_project: Project, maturity_days: int):
    metric = changed(cx_project, cx_project.metrics()["reopen_rate"], tmp_path, maturity_days=maturity_days)
    as_of = datetime.datetime.combine(LAST, datetime.time(23, 59, 59))
    days = [FIRST + datetime.timedelta(days=i) for i in range((LAST - FIRST).days + 1)]
    starts = {(grain, first_day(day, grain)) for grain in PERIOD_GRAINS for day in days}
    with in_memory(cx_project) as connection:
        create_measured(connection)
        connection.executemany(
            sql(
                "insert into {t} by name select 'reopen_rate' as metric, ? as grain, ? as period_start,"
                " 'all' as dimension, 'all' as dimension_value, 0.1 as value, 40 as n, 0 as ci_low, 1 as ci_high",
                t=MEASURED,
            ),
            sorted(starts),
        )
        judged = metric_values_sql([metric], People(), DuckDBEngine)
        query = sql("select grain, period_start, status from ({judged}) where grain <> 'all'", judged=judged)
        rows = connection.execute(query).fetchall()
    found = {(grain, start): status == "immature" for grain, start, status in rows}
    assert found == {(grain, day): not is_settled(day, grain, maturity_days, as_of) for grain, day in starts}
    assert len(set(found.values())) == 2


def test_definitions_are_told_to_the_database(cx_project: Project):
    metrics = [cx_project.metrics()[name] for name in ("reopen_rate", "open_tickets", "service_csat")]
    definitions = definitions_sql(metrics, DuckDBEngine)
    query = sql("select metric, is_count, has_interval, response_floor from ({given})", given=definitions)
    rows = {name: tuple(rest) for name, *rest in duckdb.sql(query).fetchall()}
    assert rows["reopen_rate"] == (False, True, 0)
    assert rows["open_tickets"] == (True, False, 0)
    floor = metrics[2].meta.response.floor
    assert float(rows["service_csat"][2]) == floor > 0


def test_a_target_holds_until_the_next_one_of_its_segment(tmp_path: Path, cx_project: Project):
    targets = [
        {"since": "2026-02-01", "value": 0.04},
        {"since": "2025-01-01", "value": 0.05},
        {"since": "2026-03-01", "value": 0.01, "segment": "it's"},
    ]
    metric = changed(cx_project, cx_project.metrics()["reopen_rate"], tmp_path, targets=targets)
    rows = duckdb.sql(targets_sql([metric], DuckDBEngine)).fetchall()
    day = datetime.date
    assert sorted(rows, key=str) == sorted(
        [
            ("reopen_rate", None, day(2025, 1, 1), day(2026, 2, 1), 0.05),
            ("reopen_rate", None, day(2026, 2, 1), None, 0.04),
            ("reopen_rate", "it's", day(2026, 3, 1), None, 0.01),
        ],
        key=str,
    )


def test_without_targets_no_row_matches_a_metric(tmp_path: Path, cx_project: Project):
    metric = changed(cx_project, cx_project.metrics()["reopen_rate"], tmp_path, targets=[])
    assert [row[0] for row in duckdb.sql(targets_sql([metric], DuckDBEngine)).fetchall()] == [""]
