import duckdb
import pytest

from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import Sql, sql
from cxmetrics.measure.sql import columns, constant, of_metric


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
