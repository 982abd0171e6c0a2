"""The answer to a question is judged as metric_values are; ``cx query`` itself is tested with the commands."""

import datetime

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.measure.answers import answer_sql
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.question import Question
from support.facts import in_memory


def answered(project: Project, semantics: Semantics, question: Question, *names: str) -> list[dict]:
    metrics = [project.metrics()[name] for name in names]
    with in_memory(project) as connection:
        answer = connection.execute(answer_sql(semantics, metrics, question, DuckDBEngine))
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


def test_a_slice_has_rows_where_there_is_data_and_unknown_is_a_value(cx_project: Project, semantics: Semantics):
    question = Question("month", ("channel",), until=datetime.date(2026, 2, 10))
    rows = answered(cx_project, semantics, question, "reopen_rate")
    assert [(row["channel"], row["n"]) for row in rows] == [("email", 20), ("unknown", 20)]


def test_an_agents_few_cases_are_counted_and_not_shown(cx_project: Project, semantics: Semantics):
    rows = {row["agent"]: row for row in answered(cx_project, semantics, Question(by=("agent",)), "reopen_rate")}
    assert (rows["few"]["n"], rows["few"]["value"], rows["few"]["status"]) == (4, None, "suppressed")
    assert rows["many"]["value"] is not None
