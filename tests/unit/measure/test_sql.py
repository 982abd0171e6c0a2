import duckdb
import pytest

from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.measure.sql import columns, constant, of_metric


def test_each_metric_has_its_own_expression_of_one_type():
    sql = of_metric({"a": "x + 1", "b": "x"}, "bigint")
    rows = duckdb.sql(
        f"select metric, {sql} as value, typeof(value) from (select 2 as x)"  # noqa: S608
        " cross join (values ('a'), ('b'), ('c')) as listed(metric) order by metric"
    ).fetchall()
    assert rows == [("a", 3, "BIGINT"), ("b", 2, "BIGINT"), ("c", None, "BIGINT")]


@pytest.mark.parametrize("value", [None, "it's", "back\\slash", ""])
def test_a_constant_is_what_it_was(value: str | None):
    assert duckdb.sql(f"select {constant(value, DuckDBEngine)}").fetchone() == (value,)


def test_a_list_of_columns_goes_on():
    assert f"select {columns(['a', 'b'])}c" == "select a, b, c"
    assert columns([]) == ""
