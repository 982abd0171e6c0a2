import datetime
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from cxmetrics.definitions.periods import PERIOD_GRAINS
from cxmetrics.definitions.project import Project
from cxmetrics.engines.quoting import literal
from cxmetrics.errors import CxError
from cxmetrics.measure.compiler import Semantics
from support.facts import in_memory
from support.parsed_project import parse


def test_a_dimension_is_the_metrics_own_dimension_before_that_of_a_joined_fact(semantics: Semantics):
    assert semantics.resolve("channel", ["reopen_rate"]).dunder == "ticket__channel"
    assert semantics.resolve("channel", ["average_handle_time"]).dunder == "interaction__channel"


def test_a_dimension_of_the_customer_is_reached_by_the_shortest_path(semantics: Semantics):
    assert semantics.resolve("segment", ["average_handle_time"]).dunder == "customer__segment"


def test_a_full_name_overrules_the_choice(semantics: Semantics):
    assert semantics.resolve("ticket__channel", ["average_handle_time"]).dunder == "ticket__channel"


def test_an_unknown_dimension_names_the_nearest_reachable_one(semantics: Semantics):
    with pytest.raises(CxError) as refused:
        semantics.resolve("chanel", ["reopen_rate"])
    assert refused.value.nearest == "channel"
    assert "touchpoint" not in refused.value.allowed


def test_an_unknown_metric_names_the_nearest_published_one(semantics: Semantics):
    with pytest.raises(CxError) as refused:
        semantics.sql(["reopen_rat"], "month")
    assert refused.value.nearest == "reopen_rate"


def test_hidden_simple_metrics_can_be_asked_for_but_are_not_offered(semantics: Semantics):
    assert "tickets_solved" in semantics.sql(["tickets_solved"], "day")
    assert "tickets_solved" not in semantics.published


def test_a_metric_kept_by_month_has_no_days(semantics: Semantics):
    assert semantics.finest_grain(["monthly_customer_churn_rate"]) == "month"
    with pytest.raises(CxError) as refused:
        semantics.sql(["monthly_customer_churn_rate"], "week")
    assert refused.value.allowed == ["month", "quarter", "year", "all"]


def test_columns_carry_the_names_they_were_asked_by(cx_project: Project, semantics: Semantics):
    with in_memory(cx_project) as connection:
        answer = connection.execute(semantics.sql(["reopen_rate", "tickets_solved"], "month", ["channel", "segment"]))
        assert [column[0] for column in answer.description] == [
            "period_start", "channel", "segment", "reopen_rate", "tickets_solved"
        ]  # fmt: skip
        assert {type(row[0]) for row in answer.fetchall()} == {datetime.date}


def test_a_row_whose_clock_is_null_lies_in_no_period_and_not_in_all_time(cx_project: Project, semantics: Semantics):
    with in_memory(cx_project) as connection:
        connection.execute("update service.fct_tickets set is_reopened = true where first_solved_at is null")
        total = connection.execute(semantics.sql(["tickets_reopened"], None)).fetchone()[0]
        by_month = connection.execute(semantics.sql(["tickets_reopened"], "month")).fetchall()
    assert total == sum(row[1] for row in by_month) == 4


def test_a_range_is_inclusive_and_widened_to_whole_periods(cx_project: Project, semantics: Semantics):
    day = datetime.date(2026, 1, 2)
    with in_memory(cx_project) as connection:
        by_day = connection.execute(semantics.sql(["tickets_solved"], "day", since=day, until=day)).fetchall()
        by_month = connection.execute(semantics.sql(["tickets_solved"], "month", since=day, until=day)).fetchall()
    assert by_day == [(day, 24)]
    assert by_month == [(datetime.date(2026, 1, 1), 40)]


def test_a_filter_limits_the_facts(cx_project: Project, semantics: Semantics):
    with in_memory(cx_project) as connection:
        sql = semantics.sql(["tickets_solved"], None, where=["channel = 'email'"])
        assert connection.execute(sql).fetchone() == (21,)


HOSTILE = [
    "{{ Dimension('ticket__channel') }}",
    "{% for i in range(9) %}x{% endfor %}",
    "{# a comment",
    "'; drop table service.fct_tickets; --",
    "\\",
    "\\' or 1=1 --",
    "$text1$",
    "'$text0$'",
    "two\n  lines",
    "100 % \U0001f600 ${env:HOME}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_in_a_filter_means_itself_whatever_stands_in_it(cx_project: Project, semantics: Semantics, text: str):
    where = [f"channel in ({literal(text)}, 'x') and channel <> 'y'"]
    with in_memory(cx_project) as connection:
        connection.execute("update service.fct_tickets set channel = ? where ticket_id in ('J1', 'J2')", [text])
        for grain in (None, "month"):
            sql = semantics.sql(["tickets_solved"], grain, where=where)
            assert len(connection.extract_statements(sql)) == 1
            assert connection.execute(sql).fetchone()[-1] == 2


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
def test_a_filter_changes_nothing_of_a_query_but_its_constants(
    made_once: Callable[[str, Callable[[Path], None]], Path], dialect: str, text: str
):
    semantics = Semantics.load(made_once("dbt_parse", parse) / "semantic_manifest.json", dialect)
    trees = []
    for given in (text, "plain"):
        sql = semantics.sql(["reopen_rate"], "month", ["channel"], [f"channel = {literal(given)}"])
        (tree,) = sqlglot.parse(sql, dialect=dialect)
        texts = [constant for constant in tree.find_all(exp.Literal) if constant.this == given]
        assert texts
        for constant in texts:
            constant.set("this", "same")
        trees.append(tree)
    assert trees[0] == trees[1]


@pytest.mark.parametrize(
    "text", ["{{ Dimension('ticket__channel') }} = 'x'", "{{ nonsense }}", "{{ 1/0 }} = 1", "ticket__chanel = 'x'"]
)
def test_a_filter_that_cannot_be_used_is_explained(semantics: Semantics, text: str):
    with pytest.raises(CxError) as refused:
        semantics.sql(["reopen_rate"], None, where=[text])
    assert refused.value.got in (text, "ticket__chanel")
    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (datetime.date(2026, 2, 1), datetime.date(2026, 1, 1)),
        (None, datetime.date(2041, 1, 1)),
        (datetime.date(1800, 1, 1), None),
    ],
)
def test_a_range_that_cannot_be_is_refused(
    semantics: Semantics, since: datetime.date | None, until: datetime.date | None
):
    with pytest.raises(CxError):
        semantics.sql(["reopen_rate"], "month", since=since, until=until)


@pytest.mark.parametrize("by", [(), ("segment",)])
@pytest.mark.parametrize("grain", PERIOD_GRAINS)
def test_sql_compiled_once_for_all_grains_is_what_metricflow_compiles_for_each(
    semantics: Semantics, grain: str, by: tuple[str, ...]
):
    finest = PERIOD_GRAINS.index(grain)
    metrics = [name for name in semantics.published if PERIOD_GRAINS.index(semantics.finest_grain([name])) <= finest]
    marked = semantics.sql(metrics, grain, by)
    direct = semantics._request(metrics, grain, {name: semantics.resolve(name, metrics) for name in by}, [], None, None)
    expected = semantics._explain(semantics._engine, direct, metrics, ())
    suffix = re.compile(r"__(day|week|month|quarter|year)\b")
    assert suffix.sub("__grain", expected).strip() in suffix.sub("__grain", marked)


def test_sql_is_compiled_for_every_dialect_that_is_promised(semantics: Semantics, made_once, cx_project: Project):
    from support.parsed_project import parse

    manifest = made_once("dbt_parse", parse) / "semantic_manifest.json"
    for dialect in ("postgres", "spark", "snowflake", "bigquery"):
        assert "tickets_solved" in Semantics.load(manifest, dialect).sql(["tickets_solved"], "week", ["channel"])
    with pytest.raises(CxError) as refused:
        Semantics.load(manifest, "postgre")
    assert refused.value.nearest == "postgres"


def test_a_missing_manifest_says_what_makes_it(tmp_path: Path):
    with pytest.raises(CxError) as refused:
        Semantics.load(tmp_path / "semantic_manifest.json")
    assert refused.value.next_step == "cx build"


def test_a_broken_manifest_is_no_traceback(tmp_path: Path):
    file = tmp_path / "semantic_manifest.json"
    file.write_text('{"semantic_models": 3}')
    with pytest.raises(CxError) as refused:
        Semantics.load(file)
    assert refused.value.file == str(file)
