from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from cxmetrics.engines.quoting import SparkQuoting, StandardQuoting, literal
from cxmetrics.engines.sql import Sql, sql
from cxmetrics.errors import CxError
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.filters import LONGEST, Condition, Value, conditions, names_in, translate
from support.parsed_project import parse

BOUNDED = settings(max_examples=200, deadline=None, derandomize=True)


def reference(name: str) -> str:
    return f"<{name}>"


@pytest.mark.parametrize(
    ("text", "translated"),
    [
        ("channel = 'email'", "<channel> = 'email'"),
        ("channel='it''s'", "<channel> = 'it''s'"),
        ("a <> 1 AND b >= -2.5", "<a> <> 1 and <b> >= -2.5"),
        ("channel in ('email', 'chat')", "<channel> in ('email', 'chat')"),
        ("channel NOT IN ('email')", "<channel> not in ('email')"),
        ("team is null and is_proactive = TRUE", "<team> is null and <is_proactive> = true"),
        ("team is not null", "<team> is not null"),
        ("note = ' and or 1=1'", "<note> = ' and or 1=1'"),
    ],
)
def test_a_filter_is_translated_name_by_name(text: str, translated: str):
    assert translate(text, reference, literal) == translated


@pytest.mark.parametrize(
    "text",
    [
        "",
        "channel",
        "channel = email",
        "channel = 'email",
        "channel = 'email' or 1 = 1",
        "channel = 'email'; drop table x",
        "channel = (select 1)",
        "1 = 1",
        "channel in 'email'",
        "channel in ('email'",
        "channel like 'e%'",
        "{{ Dimension('ticket__channel') }} = 'email'",
        "{{ 'channel = 1; drop table x' }}",
        "{% for i in range(9) %}channel = 'email'{% endfor %}",
        "channel = ٣",
        "channel = 'a\0b'",
        "channel = '\udce9'",
        f"channel = '{'x' * LONGEST}'",
        "channel = 'a' -- b",
        "channel = 1x",
    ],
)
def test_anything_else_is_refused_with_an_example(text: str):
    with pytest.raises(CxError) as refused:
        translate(text, reference, literal)
    assert "channel = 'email'" in refused.value.next_step


def test_an_unknown_operator_names_its_place_and_the_allowed_ones():
    with pytest.raises(CxError) as refused:
        translate("channel like 'e'", reference, literal)
    assert (refused.value.got, refused.value.allowed[0]) == ("like", "=")
    assert refused.value.what.endswith("at character 9")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = 'b' or c = 1", 9),
        ("a = 'b' and 1 = 1", 13),
        ("  a = b", 7),
        ("a in 'b'", 6),
        ("a in ('b'", 10),
        ("a = 'b' and", 12),
        ("", 1),
        ("a = 'b' and c = 'd", 17),
        ("a = 'b' -- c", 9),
        ("a = 1x", 5),
    ],
)
def test_a_mistake_is_named_with_the_character_it_stands_at(text: str, place: int):
    with pytest.raises(CxError) as refused:
        translate(text, reference, literal)
    assert f"at character {place}: " in refused.value.what or f"from character {place} on: " in refused.value.what


def test_the_names_a_filter_speaks_of():
    assert names_in("a = 'b' and c in (1)") == ["a", "c"]


def test_a_template_in_a_value_is_a_text_like_any_other():
    assert conditions("channel = '{{ x }}{% y %}'") == [Condition("channel", "=", (Value("{{ x }}{% y %}", True),))]


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    [
        "\\",
        "'",
        "\\'",
        "'' or 1=1 --",
        "{{ x }}",
        "{%",
        "{#",
        "/*",
        "*/",
        "--",
        ";",
        "$text0$",
        "'$text0$'",
        "${env:HOME}",
    ]
)
values = st.one_of(
    texts.map(lambda text: Value(text, True)),
    st.from_regex(r"[+-]?[0-9]{1,6}(\.[0-9]{1,4})?", fullmatch=True).map(lambda number: Value(number, False)),
    st.sampled_from([Value("true", False), Value("false", False)]),
)
written = st.lists(
    st.one_of(
        st.builds(Condition, names, st.sampled_from(["=", "!=", "<>", "<", "<=", ">", ">="]), st.tuples(values)),
        st.builds(Condition, names, st.sampled_from(["in", "not in"]), st.lists(values, min_size=1).map(tuple)),
        st.builds(Condition, names, st.sampled_from(["is null", "is not null"])),
    ),
    min_size=1,
    max_size=4,
)


def as_people_write(condition: Condition) -> str:
    compared = ", ".join(literal(value.content) if value.is_text else value.content for value in condition.values)
    return f"{condition.name} {condition.operator} {f'({compared})' if 'in' in condition.operator else compared}"


@BOUNDED
@given(written)
def test_what_was_written_is_what_is_read(written: list[Condition]):
    assert conditions(" AND ".join(as_people_write(condition) for condition in written)) == written


pieces = st.lists(
    st.one_of(
        texts.map(literal),
        st.sampled_from(
            [*"a=<(),1;'{", "channel", " ", " and ", " or ", "in", "is null", "not", "-2.5", "--", "select", "e'", "$$"]
        ),
        st.sampled_from(["\n", "\0", "\x1b", "\u0663", '"', "`", "||"]),
        st.binary(max_size=6).map(lambda data: data.decode("utf-8", errors="surrogateescape")),
    ),
    max_size=12,
).map("".join)


# What a parser finds in a select of 1 with comparisons joined by "and", and nothing else.
NODES = {
    *(exp.Select, exp.Alias, exp.Identifier, exp.Literal, exp.From, exp.Table, exp.Where, exp.Column, exp.And, exp.Not),
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Is, exp.Null, exp.Boolean, exp.Neg, exp.Paren),
}


@pytest.mark.parametrize(
    ("dialect", "quoting"), [("duckdb", StandardQuoting), ("postgres", StandardQuoting), ("spark", SparkQuoting)]
)
@BOUNDED
@given(text=st.one_of(pieces, written.map(lambda them: " and ".join(map(as_people_write, them)))))
def test_whatever_is_accepted_is_one_condition_of_one_statement_over_its_own_names(
    dialect: str, quoting: type[StandardQuoting], text: str
):
    try:
        read = conditions(text)
    except CxError as refused:
        assert refused.next_step
        return
    where = Sql(translate(text, quoting.identifier, quoting.literal))
    (statement,) = sqlglot.parse(sql("select 1 as one from facts where {where}", where=where), dialect=dialect)
    assert isinstance(statement, exp.Select)
    assert sorted(column.name for column in statement.find_all(exp.Column)) == sorted(one.name for one in read)
    assert {table.name for table in statement.find_all(exp.Table)} == {"facts"}
    assert {type(node) for node in statement.walk()} <= NODES
    found = sorted(constant.this for constant in statement.find_all(exp.Literal) if constant.is_string)
    assert found == sorted(value.content for one in read for value in one.values if value.is_text)


METRIC = "reopen_rate"
dimensions = st.sampled_from(["channel", "priority", "team", "segment", "customer", "ticket__channel"])
sliced = st.lists(
    st.one_of(
        st.builds(Condition, dimensions, st.sampled_from(["=", "<>", ">="]), st.tuples(values)),
        st.builds(Condition, dimensions, st.sampled_from(["in", "not in"]), st.lists(values, min_size=1).map(tuple)),
        st.builds(Condition, dimensions, st.just("is null")),
    ),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
def test_a_compiled_filter_reads_no_column_but_those_of_its_dimensions(
    made_once: Callable[[str, Callable[[Path], None]], Path], dialect: str
):
    semantics = Semantics.load(made_once("dbt_parse", parse) / "semantic_manifest.json", dialect)
    accepted: list[str] = []

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(text=st.one_of(pieces, sliced.map(lambda them: " and ".join(map(as_people_write, them)))))
    def read(text: str) -> None:
        try:
            sql = semantics.sql([METRIC], "month", where=[text])
        except CxError:
            return
        accepted.append(text)
        (statement,) = sqlglot.parse(sql, dialect=dialect)
        assert isinstance(statement, exp.Select)
        by = list(dict.fromkeys(names_in(text)))
        (allowed,) = sqlglot.parse(semantics.sql([METRIC], "month", by), dialect=dialect)
        assert set(columns_read(statement)) <= set(columns_read(allowed))

    read()
    assert accepted


def columns_read(statement: exp.Expression) -> Iterable[tuple[str, str]]:
    """Tables and their columns, whatever a query calls them on its way."""
    for scope in traverse_scope(statement):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                yield source.sql(comments=False).split(" ")[0], column.name
