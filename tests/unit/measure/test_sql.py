import datetime

import duckdb
import pytest

from cxmetrics.definitions.calendar import WEEKDAYS, Calendar
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import Sql, sql
from cxmetrics.measure.sql import columns, constant, first_day_sql, of_metric


def test_each_metric_has_its_own_expression_of_one_type():
    query = sql(
        "select metric, {value} as value, typeof(value) from (select 2 as x)"
        " cross join (values ('a'), ('b'), ('c')) as listed(metric) order by metric",
        value=of_metric({"a": Sql("x + 1"), "b": "x"}, "bigint"),
    )
    rows = duckdb.sql(query).fetchall()
    assert rows == [("a", 3, "BIGINT"), ("b", 2, "BIGINT"), ("c", None, "BIGINT")]


@pytest.mark.parametrize("value", [None, "it's", "back\\slash", ""])
def test_a_constant_is_what_it_was(value: str | None):
    assert duckdb.sql(f"select {constant(value, DuckDBEngine)}").fetchone() == (value,)


def test_a_list_of_columns_goes_on():
    assert f"select {columns(['a', 'b'])}c" == "select a, b, c"
    assert columns([]) == ""


@pytest.mark.parametrize("data_type", ["date", "timestamp"])
@pytest.mark.parametrize("weekday", WEEKDAYS)
def test_the_database_finds_the_first_day_of_a_week_that_the_calendar_finds(weekday: str, data_type: str):
    calendar = Calendar(week_starts_on=weekday)
    days = [datetime.date(2025, 12, 20) + datetime.timedelta(days=i) for i in range(20)]
    first_day = first_day_sql("week", "day", calendar)
    query = sql(
        "select {first} from (select cast(unnest($days) as {data_type}) as day)", first=first_day, data_type=data_type
    )
    found = [row[0] for row in duckdb.execute(query, {"days": days}).fetchall()]
    assert found == [calendar.first_day_of_week(day) for day in days]
