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


def test_renewals_are_told_by_length_of_term_and_by_revenue(world: World):
    # 396 of 400 monthly terms at 1 and 5 of 10 yearly terms at 100 are renewed; one end in the same month.
    terms = Sql(
        """with terms as (
            select 'm' || number as id, timestamp '2024-05-15' as started_at, 1.0 as amount, number < 396 as is_renewed
            from range(400) as numbers (number)
            union all
            select 'y' || number, timestamp '2023-06-15', 100.0, number < 5 from range(10) as numbers (number)
        )
        select id as subscription_id, id as customer_id, started_at, timestamp '2024-06-15' as ended_at,
            null as renewed_from, amount as monthly_amount
        from terms
        union all
        select id || '+', id, timestamp '2024-06-15', null, id, amount from terms where is_renewed"""
    )
    ask = world({"subscriptions": terms}, "2024-12-31")
    assert only(ask("renewal_rate", grain=None)[()]) == (0.978, 410)
    by_length = ask("renewal_rate", "term_length", grain=None)
    assert {length: only(answer) for (length,), answer in by_length.items()} == {
        "month": (0.99, 400),
        "year": (0.5, 10),
    }
    assert only(ask("revenue_renewal_rate", grain=None)[()]) == (0.64, 410)


def test_who_orders_often_counts_once_in_the_repeat_purchase_rate(world: World):
    # One of ten orders every month; the others order once, in January.
    orders = Sql(
        """select 'o' || number || '-' || month as order_id, 'c' || number as customer_id, 10.0 as amount,
            timestamp '2023-01-10' + to_months(month::integer) as ordered_at
        from range(10) as numbers (number), range(12) as months (month)
        where number = 0 or month = 0"""
    )
    ask = world({"orders": orders}, "2025-06-30")
    assert only(ask("repeat_purchase_rate", grain=None)[()]) == (0.1, 10)
    # Of those who ordered in June all ordered again, and that is no repeat rate.
    assert set(ask("repeat_purchase_rate")) == {("2023-01-01",)}


def test_journeys_are_completed_by_those_who_began_in_the_period(world: World):
    # Ten a month subscribe from January 2023 on, for a year: eight renew, and two leave after a month. A year later
    # twice as many come; over what is decided in the month the rate would fall to two thirds.
    terms = Sql(
        """with customers as (
            select 'c' || month || '-' || number as id, timestamp '2023-01-10' + to_months(month::integer) as began,
                number % 10 < 8 as renews
            from range(24) as months (month), range(20) as numbers (number)
            where month >= 12 or number < 10
        )
        select id as subscription_id, id as customer_id, began as started_at, null as renewed_from,
            case when renews then began + interval 1 year else began + interval 1 month end as ended_at,
            10.0 as monthly_amount
        from customers
        union all
        select id || '+', id, began + interval 1 year, id, null, 10.0 from customers where renews"""
    )
    ask = world({"subscriptions": terms}, "2026-06-30")
    rates = ask("journey_completion_rate")
    assert {only(answer) for (month,), answer in rates.items() if month < "2024"} == {(0.8, 10)}
    assert {only(answer) for (month,), answer in rates.items() if month >= "2024"} == {(0.8, 20)}
    assert len(rates) == 24


def test_satisfied_and_dissatisfied_customers_have_the_same_days_to_have_answered(world: World):
    # Everybody is asked on the 20th of each month, and answers well in odd months only: of all who stay or leave in a
    # month the last answer was given before it. Whether they are satisfied says nothing of who leaves.
    ends = "case when number % 10 = 0 then timestamp '2024-05-10' when number % 10 = 1 then timestamp '2024-06-10' end"
    answers = Sql(
        """select 'r' || month || '-' || number as response_id, 'c' || number as customer_id, 'csat' as survey_type,
            't' || number as ticket_id, case when month % 2 = 1 then 5.0 else 1.0 end as score,
            1.0 as scale_min, 5.0 as scale_max, make_timestamp(2024, month, 20, 12, 0, 0.0) as responded_at
        from range(1, 7) as months (month), range(100) as numbers (number)
        where number % 10 > 1 or month < 5"""
    )
    ask = world({"subscriptions": subscribers(100, ends), "survey_responses": answers}, "2024-12-31")
    # At the beginning of May the answers of April, which were bad, are the last ones; in June, for those who answered.
    assert only(ask("dissatisfied_churn_rate")["2024-05-01",]) == (0.1, 100)
    assert ("2024-05-01",) not in {key for key, answer in ask("satisfied_churn_rate").items() if answer[1]}
    assert only(ask("satisfied_churn_rate")["2024-04-01",]) == (0.0, 100)
