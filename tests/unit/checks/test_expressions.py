"""The columns an expression reads."""

from __future__ import annotations

import pytest

from cxmetrics.checks.expressions import parse, top_level_operator


def test_columns_are_found_wherever_an_expression_reads_them():
    expressions = ["case when a = 'b' then c end", "count(d) filter (where e > 1)", "f.g", "1", "it's", "h -- i"]
    parsed = parse(expressions)
    assert [expression.columns for expression in parsed] == [("a", "c"), ("d", "e"), ("f.g",), (), (), ("h",)]
    assert [expression.error is None for expression in parsed] == [True, True, True, True, False, True]


@pytest.mark.parametrize(
    ("expression", "operator"),
    [
        ("a and b is not null", "and"),
        ("a or b", "or"),
        ("not a", "not"),
        ("(a and b)", None),
        ("a is not null", None),
        ("case when a and b then c end", None),
        ("a * b", None),
        ("a and and", None),
    ],
)
def test_the_operator_that_would_be_misread_is_seen(expression: str, operator: str | None):
    assert top_level_operator(expression) == operator
