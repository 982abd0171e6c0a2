"""The columns an expression reads."""

from __future__ import annotations

from cxmetrics.checks.expressions import parse


def test_columns_are_found_wherever_an_expression_reads_them():
    expressions = ["case when a = 'b' then c end", "count(d) filter (where e > 1)", "f.g", "1", "it's", "h -- i"]
    parsed = parse(expressions)
    assert [expression.columns for expression in parsed] == [("a", "c"), ("d", "e"), ("f.g",), (), (), ("h",)]
    assert [expression.error is None for expression in parsed] == [True, True, True, True, False, True]
