"""The answer to a question is judged as metric_values are; ``cx query`` itself is tested with the commands."""

import datetime

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.errors import CxError
from cxmetrics.measure.answers import answer_sql
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.question import Question
from support.facts import in_memory, with_agents


def answered(project: Project, semantics: Semantics, question: Question, *names: str) -> list[dict]:
    metrics = [project.metrics()[name] for name in names]
    with in_memory(project) as connection:
        answer = connection.execute(answer_sql(semantics, metrics, question, project.people, DuckDBEngine))
        columns = [column[0] for column in answer.description]
        return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]


def test_rows_come_in_the_order_asked_and_periods_without_data_are_there(cx_project: Project, semantics: Semantics):
    rows = answered(cx_project, semantics, Question("month"), "service_csat", "reopen_rate")
    assert [(row["metric"], row["period_start"].month, row["status"]) for row in rows] == [
        ("service_csat", 1, "insufficient_sample"),
        ("service_csat", 2, "no_data"),
        ("service_csat", 3, "no_data"),
        ("reopen_rate", 1, "ok"),
        ("reopen_rate", 2, "no_data"),
        ("reopen_rate", 3, "immature"),
    ]


def test_a_dimension_has_rows_where_there_is_data_and_unknown_is_a_value(cx_project: Project, semantics: Semantics):
    question = Question("month", ("channel",), until=datetime.date(2026, 2, 10))
    rows = answered(cx_project, semantics, question, "reopen_rate")
    assert [(row["channel"], row["n"]) for row in rows] == [("email", 20), ("unknown", 20)]


def test_an_agents_few_cases_are_counted_and_not_shown(cx_project: Project, semantics: Semantics):
    project = with_agents(cx_project)
    rows = {row["agent"]: row for row in answered(project, semantics, Question(by=("agent",)), "reopen_rate")}
    assert (rows["few"]["n"], rows["few"]["value"], rows["few"]["status"]) == (4, None, "suppressed")
    assert rows["many"]["value"] is not None


@pytest.mark.parametrize("by", ["customer", "ticket", "customer,channel"])
def test_one_customer_or_one_thing_of_theirs_is_no_group(cx_project: Project, semantics: Semantics, by: str):
    rows = answered(cx_project, semantics, Question(by=tuple(by.split(","))), "reopen_rate")
    few = [row for row in rows if row["n"] < 5]
    assert few
    assert {(row["value"], row["ci_low"], row["ci_high"], row["status"]) for row in few} == {
        (None, None, None, "suppressed")
    }
    assert all(row["value"] is not None for row in rows if row["n"] >= 5)


def test_a_filter_on_one_customer_is_a_group_of_one(cx_project: Project, semantics: Semantics):
    (row,) = answered(cx_project, semantics, Question(where=("ticket = 'J0'",)), "reopen_rate")
    assert (row["n"], row["value"], row["status"]) == (1, None, "suppressed")


@pytest.mark.parametrize("question", [Question(by=("agent",)), Question(where=("agent = 'few'",))])
def test_values_by_agent_are_refused_where_the_policy_publishes_none(
    cx_project: Project, semantics: Semantics, question: Question
):
    with pytest.raises(CxError, match="values by agent are not published") as refused:
        answered(cx_project, semantics, question, "reopen_rate")
    assert "ids: true" in refused.value.next_step
