import datetime

from cxmetrics.definitions.project import Project
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.measures import measures
from cxmetrics.measure.question import Question
from support.facts import in_memory

DAY = datetime.date


def test_metrics_that_reach_a_dimension_by_different_ways_are_answered_together(
    cx_project: Project, semantics: Semantics
):
    metrics = [cx_project.metrics()[name] for name in ("reopen_rate", "average_handle_time", "first_response_time")]
    with in_memory(cx_project) as connection:
        connection.execute(
            "insert into service.fct_interactions by name select 'chat' as channel, 9 as handle_seconds,"
            " timestamp '2026-01-05' as started_at, date '2026-01-05' as started_on, 'I' as interaction_id"
        )
        answer = connection.execute(measures(semantics, metrics, Question(by=("channel",)), "double")).fetchall()
    assert {(row[0], row[1]) for row in answer} == {
        ("reopen_rate", "email"),
        ("reopen_rate", None),
        ("first_response_time", "email"),
        ("first_response_time", None),
        ("average_handle_time", "chat"),
    }


def test_a_quantile_is_ranked_within_period_dimension_range_and_filter(cx_project: Project, semantics: Semantics):
    metric = cx_project.metrics()["backlog_age"]
    question = Question("month", ("segment",), ("channel = 'email'",), until=DAY(2026, 1, 15))
    with in_memory(cx_project) as connection:
        rows = connection.execute(measures(semantics, [metric], question, "double")).fetchall()
    # Email tickets have even days; customers 0 and 2 have every other one of them: 0, 4, ... 36 and 2, 6, ... 38.
    assert sorted(row[2:8] for row in rows) == [
        ("business", 18.0, 10, 0.0, 36.0, None),
        ("consumer", 20.0, 10, 2.0, 38.0, None),
    ]


def test_a_quantile_can_be_sliced_by_its_own_entity(cx_project: Project, semantics: Semantics):
    metric = cx_project.metrics()["backlog_age"]
    with in_memory(cx_project) as connection:
        query = measures(semantics, [metric], Question(by=("backlog_ticket",)), "double")
        rows = connection.execute(query).fetchall()
    assert ("backlog_age", "B7", 7.0, 1, None, None, None) in [row[:7] for row in rows]
