"""What a share is set against: who stayed beside who left, at the same grain, period, dimension and filter."""

import datetime
import math

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.sql import joined, sql
from cxmetrics.measure.baseline import BASELINE_COLUMNS
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.measures import measures
from cxmetrics.measure.question import Question
from support.facts import in_memory

JANUARY, FEBRUARY = datetime.date(2026, 1, 1), datetime.date(2026, 2, 1)
CHURN = "silent_churn_rate"


def months(connection: duckdb.DuckDBPyConnection) -> None:
    """January: 20 left, 8 of them in silence; 100 stayed, 50 of them in silence, all of these in the south. Nobody left
    in February. Failures: 10 customers in January, 9 recovered; 40 were never failed, and 30 of them loyal."""
    connection.execute(
        """insert into experience.dim_customers by name
        select 'C' || i as customer_id, case when i % 2 = 0 then 'south' else 'north' end as region
        from range(200) as numbers(i);
        insert into experience.fct_customer_months by name
        select 'L' || i as customer_month_id, 'C' || i as customer_id, date '2026-01-01' as month_on,
            i < 8 as is_silent_churn from range(20) as numbers(i)
        union all by name
        select 'S' || i as customer_month_id, 'C' || i as customer_id, date '2026-01-01' as month_on,
            i % 2 = 0 as is_silent_stay from range(100) as numbers(i)
        union all by name
        select 'F' || i as customer_month_id, 'C' || i as customer_id, date '2026-02-01' as month_on,
            true as is_silent_stay, i < 30 as is_loyal_unfailed from range(40) as numbers(i);
        insert into service.fct_service_failures by name
        select 'E' || i as service_failure_id, 'C' || i as customer_id, date '2026-02-01' as month_on,
            i < 9 as is_recovered from range(10) as numbers(i)"""
    )


def answer(project: Project, semantics: Semantics, question: Question, *names: str) -> dict[tuple, tuple]:
    metrics = [project.metrics()[name] for name in names]
    keys = ["metric", *question.keys]
    columns = joined([*keys, "value", "n", *BASELINE_COLUMNS])
    with in_memory(project, months) as connection:
        query = sql("select {columns} from ({answer})", columns=columns,
                    answer=measures(semantics, metrics, question, "double"))  # fmt: skip
        rows = connection.execute(query).fetchall()
    return {row[: len(keys)]: row[len(keys) :] for row in rows}


def test_who_left_is_set_against_who_stayed(cx_project: Project, semantics: Semantics):
    found = answer(cx_project, semantics, Question("month"), CHURN)
    value, n, baseline, others, difference, low, high = found[CHURN, JANUARY]
    assert (value, n, baseline, others) == (0.4, 20, 0.5, 100)
    # Newcombe's hybrid score interval of 8 of 20 less 50 of 100, by hand from Wilson's ends.
    assert difference == pytest.approx(-0.1)
    below, above = math.hypot(0.4 - 0.2188, 0.5962 - 0.5), math.hypot(0.6134 - 0.4, 0.5 - 0.4038)
    assert (low, high) == (pytest.approx(-0.1 - below, abs=1e-4), pytest.approx(-0.1 + above, abs=1e-4))


def test_where_nobody_left_there_is_nothing_to_set_against(cx_project: Project, semantics: Semantics):
    value, _, _, _, difference, low, high = answer(cx_project, semantics, Question("month"), CHURN)[CHURN, FEBRUARY]
    assert (value, difference, low, high) == (None, None, None, None)


def test_a_dimension_and_a_filter_hold_for_both(cx_project: Project, semantics: Semantics):
    found = answer(cx_project, semantics, Question("month", ("region",), until=JANUARY), CHURN)
    assert found[CHURN, JANUARY, "south"][:4] == (0.4, 10, 1, 50)
    assert found[CHURN, JANUARY, "north"][:4] == (0.4, 10, 0, 50)
    (filtered,) = answer(
        cx_project, semantics, Question(None, (), ("region = 'south'",), until=JANUARY), CHURN
    ).values()
    assert filtered[:4] == (0.4, 10, 1, 50)


def test_the_others_may_stand_in_another_fact(cx_project: Project, semantics: Semantics):
    found = answer(cx_project, semantics, Question("month"), "service_recovery_rate", CHURN, "reopen_rate")
    assert found["service_recovery_rate", FEBRUARY][:5] == (0.9, 10, 0.75, 40, pytest.approx(0.15))
    assert found[CHURN, JANUARY][:4] == (0.4, 20, 0.5, 100)


def test_where_the_others_do_not_know_the_dimension_there_is_no_baseline(cx_project: Project, semantics: Semantics):
    found = answer(cx_project, semantics, Question(None, ("service_failure",)), "service_recovery_rate")
    assert found["service_recovery_rate", "E1"] == (1, 1, None, None, None, None, None)


def test_a_metric_without_baseline_has_none(cx_project: Project, semantics: Semantics):
    found = answer(cx_project, semantics, Question("month"), "dissatisfied_churn_rate", CHURN)
    assert found["dissatisfied_churn_rate", JANUARY][2:] == (None,) * 5
    assert found[CHURN, JANUARY][2] is not None
