"""Nothing becomes part of a statement that is not SQL, a name or a number."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmetrics.engines.quoting import SparkQuoting, StandardQuoting
from cxmetrics.engines.sql import PLAIN, Sql, joined, sql


def test_a_statement_is_a_template_and_its_parts():
    columns, where = (
        joined(["a", "t.b_1"]),
        sql("b = {text} and c < {number}", text=StandardQuoting.literal("it's"), number=-3),
    )
    assert joined([1.5, 0.1, 1e-07]) == "1.5, 0.1, 1e-07"
    assert sql("select {columns} from {table} where {where}", columns=columns, table="metrics.facts", where=where) == (
        "select a, t.b_1 from metrics.facts where b = 'it''s' and c < -3"
    )
    assert sql("{{}}") == "{}"
    assert joined([], " and ") == ""
    assert joined([Sql("x = 1"), where], " and ") == "x = 1 and b = 'it''s' and c < -3"


@pytest.mark.parametrize("quoting", [StandardQuoting, SparkQuoting])
def test_what_is_quoted_is_sql(quoting: type[StandardQuoting]):
    assert sql("select {text}", text=quoting.literal("a'b")).startswith("select '")
    assert sql("select 1 from {table}", table=quoting.relation("a b", 'c"`d')).startswith("select 1 from ")
    assert sql("{nothing}", nothing=quoting.literal(None)) == "null"


@pytest.mark.parametrize(
    "part", ["it's", "a b", "1", "a;", "a.", ".a", "a--b", "", "é", "a\n", True, None, math.nan, math.inf, b"a"]
)
def test_what_nobody_quoted_is_refused(part: Any):
    with pytest.raises(TypeError, match="the part who of a statement"):
        sql("select {who}", who=part)
    with pytest.raises(TypeError, match="the part number 2 of"):
        joined(["a", part])


def test_a_part_that_is_missing_is_an_error():
    with pytest.raises(KeyError, match="table"):
        sql("select 1 from {table}")


@given(st.text(max_size=30))
def test_a_text_is_a_name_or_refused(text: str):
    is_name = re.fullmatch(r"[A-Za-z_0-9.]+", text) is not None and PLAIN.fullmatch(text) is not None
    try:
        assert sql("{text}", text=text) == text and is_name
    except TypeError:
        assert not is_name
