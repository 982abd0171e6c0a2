"""What customers did, as SQL over the canonical entities, and the numbers that metrics must give for it.

Each case is one that a plausible definition gets wrong; the name of the test says which answer is right.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.measures import measures
from cxmetrics.measure.question import Question
from support.histories import STAGING, CompiledModels, prepared, run_models

# Value, n and the ends of the interval.
Answer = tuple[float | None, int, float | None, float | None]
Ask = Callable[..., dict[tuple, Answer]]
World = Callable[[Mapping[str, Sql], str], Ask]


@pytest.fixture(scope="module")
def world(models: CompiledModels, cx_project: Project, semantics: Semantics) -> World:
    """Run the models on the answers to queries, one entity each, and ask metrics of the outcome: the dimension value,
    or the first day of a month and the dimension value, give the answer."""

    def make(entities: Mapping[str, Sql], as_of: str) -> Ask:
        connection = prepared(models)
        for entity, query in entities.items():
            table = f"staging.{STAGING}{entity}"
            connection.execute(sql("insert into {table} by name {query}", table=table, query=query))
        run_models(connection, models, datetime.date.fromisoformat(as_of))

        def ask(metric: str, *by: str, grain: str | None = "month") -> dict[tuple, Answer]:
            question = Question(grain=grain, by=by)
            query = measures(semantics, [cx_project.metrics()[metric]], question, DuckDBEngine.double)
            numbers = sql("select * exclude (metric, response_rate) from ({query})", query=query)
            answer = connection.execute(numbers).fetchall()
            keys = len(question.keys)
            return {tuple(map(str, row[:keys])): row[keys:] for row in answer if row[keys] is not None}

        return ask

    return make


def only(answer: tuple, digits: int = 4) -> tuple[float, int]:
    """Value and n."""
    return round(answer[0], digits), answer[1]


def subscribers(count: int, ended_at: str = "null", name: str = "c") -> Sql:
    """Customers from the middle of 2023 on, at 10 a month."""
    return sql(
        """select '{name}' || number as subscription_id, '{name}' || number as customer_id,
            timestamp '2023-06-01 12:00:00' as started_at, {ended_at} as ended_at, 10.0 as monthly_amount
        from range({count}) as numbers (number)""",
        name=name,
        count=count,
        ended_at=Sql(ended_at),
    )


def test_a_year_in_which_72_of_120_customers_leave_has_a_churn_of_60_percent(world: World):
    # Six leave in each month; the monthly rates are 5 % to 11 %, and their mean is no churn of anything.
    ends = "case when number < 72 then timestamp '2024-01-15' + to_months((number // 6)::integer) end"
    ask = world({"subscriptions": subscribers(120, ends)}, "2025-02-15")
    assert only(ask("annual_customer_churn_rate")["2024-12-01",]) == (0.6, 120)
    assert only(ask("annual_customer_retention_rate")["2024-12-01",]) == (0.4, 120)
    monthly = ask("monthly_customer_churn_rate")
    assert only(monthly["2024-01-01",]) == (0.05, 120)
    assert only(monthly["2024-12-01",]) == (round(6 / 54, 4), 54)
    # The first horizon of a year begins with the first whole month of the data.
    assert min(ask("annual_customer_churn_rate")) == ("2024-06-01",)


def test_a_year_after_which_nobody_is_left_has_a_churn_of_all(world: World):
    ends = "timestamp '2024-03-15'"
    ask = world({"subscriptions": subscribers(40, ends)}, "2025-02-15")
    assert only(ask("annual_customer_churn_rate")["2024-12-01",]) == (1.0, 40)
    assert only(ask("annual_net_revenue_retention")["2024-12-01",]) == (0.0, 40)


def test_growth_counts_in_net_revenue_retention_and_not_in_gross(world: World):
    # Of 1,000 a month, 10 of 100 customers leave, and 30 take a second subscription of 10 after half a year.
    ends = "case when number < 10 then timestamp '2024-03-15' end"
    upgrades = Sql(
        """select 'second' || number, 'c' || (number + 50), timestamp '2024-06-10 12:00:00', null, 10.0
        from range(30) as numbers (number)"""
    )
    both = joined([subscribers(100, ends), upgrades], " union all ")
    ask = world({"subscriptions": both}, "2025-02-15")
    assert only(ask("annual_net_revenue_retention")["2024-12-01",]) == (1.2, 100)
    assert only(ask("annual_gross_revenue_retention")["2024-12-01",]) == (0.9, 100)
    assert only(ask("monthly_net_revenue_retention")["2024-12-01",]) == (1.0, 90)
    assert only(ask("monthly_gross_revenue_retention")["2024-03-01",]) == (0.9, 100)
