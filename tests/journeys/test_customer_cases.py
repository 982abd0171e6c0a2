"""What customers did, as SQL over the canonical entities, and the numbers that metrics must give for it.

Each case is one that a plausible definition gets wrong; the name of the test says which answer is right.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping

import numpy
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.quoting import literal
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
            told = joined([*question.keys, "value", "n", "ci_low", "ci_high"])
            numbers = sql("select {told} from ({query})", told=told, query=query)
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
        where number = 0 or month = 0
        -- Orders are told of until now.
        union all select 'last', 'new', 10.0, timestamp '2025-06-20'"""
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
        select id || '+', id, began + interval 1 year, id, null, 10.0 from customers where renews
        -- Subscriptions are told of until now.
        union all select 'last', 'new', timestamp '2026-06-20', null, null, 10.0"""
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


# What a month's discount of 10 % a year takes.
DISCOUNT = 1.1 ** (1 / 12) - 1


def worth(margin: float, churn: float) -> float:
    return margin * (1 + DISCOUNT) / (churn + DISCOUNT)


def test_subscribers_are_worth_what_their_subscriptions_bring(world: World):
    ask = world({"subscriptions": subscribers(400)}, "2025-02-15")
    value, n, low, high = ask("present_customer_value")["2024-12-01",]
    # One loss in 3 x 4,800 months: one is added to none, after 4,800 / 0.5 months more.
    assert (value, n) == (pytest.approx(worth(8, 1 / 14_400)), 400)
    assert low < value < high


def test_of_sixty_customers_of_whom_none_left_the_value_is_uncertain(world: World):
    orders = Sql(
        """select 'o' || number || '-' || month as order_id, 'c' || number as customer_id, 40.0 as amount,
            10.0 as margin, timestamp '2023-12-10' + to_months(month::integer) as ordered_at
        from range(60) as numbers (number), range(16) as months (month)"""
    )
    ask = world({"orders": orders}, "2025-03-31")
    value, n, low, high = ask("present_customer_value")["2024-12-01",]
    assert (value, n) == (pytest.approx(worth(10, 1 / (3 * 720))), 60)
    # No loss in 720 months is compatible with up to 3 in 720, by the rule of three; the ends are symmetric.
    assert high - low > 0.2 * value


def test_a_mix_of_customers_is_worth_the_sum_of_its_segments(world: World):
    # Of 900 customers of one segment 0.2 % leave a month, two in it at times; of 100 of another 20 %, and others come.
    customers = Sql(
        """select 'loyal' || number as customer_id, 'loyal' as segment from range(900) as numbers (number)
        union all
        select 'fleeting' || number || '-' || life, 'fleeting'
        from range(100) as numbers (number), range(8) as lives (life)"""
    )
    terms = Sql(
        """select 'loyal' || number as subscription_id, 'loyal' || number as customer_id, 10.0 as monthly_amount,
            timestamp '2023-06-01' as started_at,
            case when number < 22 then timestamp '2024-01-15' + to_months((number * 12 // 22)::integer) end as ended_at
        from range(900) as numbers (number)
        union all
        -- Each leaves in the fifth month and is followed by another; a fifth of them in each month.
        select 'fleeting' || number || '-' || life, 'fleeting' || number || '-' || life, 10.0,
            timestamp '2023-05-01' + to_months((life * 5 + number % 5)::integer),
            timestamp '2023-09-15' + to_months((life * 5 + number % 5)::integer)
        from range(100) as numbers (number), range(8) as lives (life)"""
    )
    ask = world({"customers": customers, "subscriptions": terms}, "2025-02-15")
    value, _, low, high = ask("present_customer_value")["2024-12-01",]
    by_segment = ask("present_customer_value", "segment")
    loyal, fleeting = (by_segment["2024-12-01", segment] for segment in ("loyal", "fleeting"))
    assert (loyal[1], fleeting[1]) == (878, 80)
    # 22 of 10,668 months, and 240 of 1,200, which the rate of all draws nearer by one loss in 45 months.
    assert loyal[0] == pytest.approx(worth(8, 0.00209), rel=0.02)
    assert fleeting[0] == pytest.approx(worth(8, 241 / 1_245), rel=0.001)
    assert value == pytest.approx((878 * loyal[0] + 80 * fleeting[0]) / 958)
    # One churn rate for all, of 262 losses in 11,868 months, would give less than half of it.
    assert value > 2 * worth(8, 262 / 11_868)
    assert low < value < high


def test_who_joins_late_in_a_month_is_no_customer_of_the_whole_month(world: World):
    # 31 customers were there before and write three times in January. As many join on the 22nd and write once, as the
    # others do in these ten days: counted as whole months, they would halve their own rate.
    joined = "case when number < 31 then timestamp '2023-06-01' else timestamp '2024-01-22 09:00:00' end"
    ask = world(
        {
            "customers": sql("select 'c' || number as customer_id, case when number < 31 then 'old' else 'new' end as"
                             " segment from range(62) as numbers (number)"),
            "subscriptions": sql(
                """select 's' || number as subscription_id, 'c' || number as customer_id, {joined} as started_at,
                    10.0 as monthly_amount from range(62) as numbers (number)""",
                joined=Sql(joined),
            ),
            "tickets": sql(
                """select 't' || number || ':' || day as ticket_id, 'c' || number as customer_id, 'email' as channel,
                    timestamp '2024-01-01 12:00:00' + to_days(day::integer) as created_at
                from range(62) as numbers (number) cross join (values (4), (14), (24)) as days (day)
                -- Those of the 5th and the 15th of who was no customer yet are questions of strangers.
                union all
                select 'told', null, 'email', timestamp '2023-01-01'"""
            ),
        },
        "2024-03-15",
    )  # fmt: skip
    assert only(ask("contact_rate")["2024-01-01",]) == (round(100 * (31 * 3 + 31) / (31 + 10), 4), 62)
    by_segment = ask("contact_rate", "segment")
    assert only(by_segment["2024-01-01", "old"]) == (300, 31)
    assert only(by_segment["2024-01-01", "new"]) == (310, 31)


def test_the_effort_of_a_journey_does_not_grow_with_its_age(world: World):
    # A customer begins in each of twelve quarters, asks on the fifth day of each quarter since, and is handed on once.
    tickets = Sql(
        """select 't' || cohort || '-' || quarter as ticket_id, 'c' || cohort as customer_id,
            timestamp '2022-01-05' + to_months(3 * quarter::integer) as created_at
        from range(12) as cohorts (cohort), range(14) as quarters (quarter) where quarter >= cohort"""
    )
    entities = {
        "subscriptions": Sql(
            """select 's' || cohort as subscription_id, 'c' || cohort as customer_id, null as renewed_from,
                timestamp '2022-01-01' + to_months(3 * cohort::integer) as started_at, null as ended_at,
                10.0 as monthly_amount
            from range(12) as cohorts (cohort)"""
        ),
        "tickets": sql(
            """select ticket_id, customer_id, created_at, 'phone' as channel, 'how_to_question' as contact_reason,
                'solved' as status, false as is_proactive
            from ({tickets})
            union all
            select 'of_nobody', null, timestamp '2022-01-01 12:00:00', 'phone', 'how_to_question', 'open', false""",
            tickets=tickets,
        ),
        "ticket_events": sql(
            """select ticket_id || kind as event_id, ticket_id, created_at + to_minutes(minute) as occurred_at,
                kind as event_type, 'agent' as actor_type, from_value, to_value
            from ({tickets}), (values ('transferred', 1, 'a', 'b'), ('status_changed', 2, 'open', 'solved'))
                as kinds (kind, minute, from_value, to_value)
            union all
            select kind || to_value, 'of_nobody', timestamp '2022-01-01 12:00:00' + to_minutes(minute), kind, 'agent',
                from_value, to_value
            from (values ('escalated', 0, null, ''), ('status_changed', 1, 'open', 'solved'),
                ('status_changed', 2, 'solved', 'open')) as kinds (kind, minute, from_value, to_value)""",
            tickets=tickets,
        ),
        "interactions": sql(
            """select 'i' || ticket_id as interaction_id, ticket_id, customer_id, 'phone' as channel,
                created_at as started_at, 0 as wait_seconds, 60 as talk_seconds, false as is_abandoned
            from ({tickets})""",
            tickets=tickets,
        ),
    }
    months = world(entities, "2025-06-30")("customer_effort_index")
    # Four quarters begin within a year; whose year is not over has no value.
    assert {only(answer) for answer in months.values()} == {(4.0, 1)}
    assert (min(months), max(months)) == (("2022-01-01",), ("2024-04-01",))


def test_what_happens_to_a_ticket_after_the_days_is_no_effort_of_its_journey(world: World):
    # Two customers ask in their first week; the ticket of one is opened again and handed on after 500 days.
    entities = {
        "subscriptions": Sql(
            """select 's' || number as subscription_id, 'c' || number as customer_id, 10.0 as monthly_amount,
                timestamp '2024-02-01' as started_at
            from range(2) as numbers (number)"""
        ),
        "tickets": Sql(
            """select 't' || number as ticket_id, 'c' || number as customer_id, 'phone' as channel,
                timestamp '2024-02-05 09:00:00' as created_at, 'how_to_question' as contact_reason,
                'solved' as status, false as is_proactive
            from range(2) as numbers (number)
            union all select 'of_nobody', null, 'phone', timestamp '2024-01-01', 'how_to_question', 'open', false"""
        ),
        "ticket_events": Sql(
            """select ticket_id || event_type || to_value || occurred_at as event_id, ticket_id, occurred_at,
                event_type, 'agent' as actor_type, from_value, to_value
            from (values
                ('t0', timestamp '2024-02-05 10:00:00', 'status_changed', 'open', 'solved'),
                ('t1', timestamp '2024-02-05 10:00:00', 'status_changed', 'open', 'solved'),
                ('t1', timestamp '2025-06-15 10:00:00', 'status_changed', 'solved', 'open'),
                ('t1', timestamp '2025-06-15 11:00:00', 'transferred', 'a', 'b'),
                ('t1', timestamp '2025-06-15 12:00:00', 'status_changed', 'open', 'solved'),
                ('of_nobody', timestamp '2024-01-01 00:00:00', 'escalated', null, ''),
                ('of_nobody', timestamp '2024-01-01 01:00:00', 'status_changed', 'open', 'solved')
            ) as told (ticket_id, occurred_at, event_type, from_value, to_value)"""
        ),
        "interactions": Sql(
            """select 'i' || number as interaction_id, 't' || number as ticket_id, 'c' || number as customer_id,
                'phone' as channel, timestamp '2024-02-05 09:00:00' as started_at, 0 as wait_seconds,
                60 as talk_seconds, false as is_abandoned
            from range(2) as numbers (number)"""
        ),
    }
    assert only(world(entities, "2025-08-31")("customer_effort_index")["2024-02-01",]) == (0, 2)


def test_who_calls_before_the_notice_comes_was_not_reached(world: World):
    # A payment fails at nine; the customer calls at ten, and the notice comes at eleven.
    entities = {
        "orders": Sql(
            """select 'o' as order_id, 'c' as customer_id, 10.0 as amount,
                timestamp '2024-03-04 08:00:00' as ordered_at, timestamp '2024-03-04 09:00:00' as payment_failed_at"""
        ),
        "interactions": Sql(
            """select 'i' as interaction_id, 'c' as customer_id, 'phone' as channel,
                timestamp '2024-03-04 10:00:00' as started_at"""
        ),
        "touchpoint_events": Sql(
            """select 'e' || day as touchpoint_event_id, customer_id, 'payment_reminder' as touchpoint,
                true as is_proactive, timestamp '2024-03-04 11:00:00' + to_days(day) as occurred_at
            from (values ('c', 0), ('another', -9)) as told (customer_id, day)"""
        ),
        "tickets": Sql("select 't' as ticket_id, 'c' as customer_id, timestamp '2024-02-01' as created_at"),
    }
    assert only(world(entities, "2024-03-31")("proactive_reach_rate")["2024-03-01",]) == (0, 1)


@pytest.mark.parametrize(("named", "rate"), [("c0", 100.0), ("c0 of the helpdesk", None), (None, None)])
def test_where_no_customer_is_known_to_have_asked_nobody_is_known_not_to(
    world: World, named: str | None, rate: float | None
):
    # One of the three leaves, and the helpdesk may name its people by other ids than the billing system does.
    tickets = "select 't' || day as ticket_id, {named} as customer_id, date '2023-06-01' + day::int as created_at"
    entities = {
        "subscriptions": subscribers(3, "case when number = 1 then timestamp '2024-03-20' end"),
        "tickets": sql(f"{tickets} from range(300) as days (day)", named=literal(named) if named else Sql("null")),
    }
    ask = world(entities, "2024-05-31")
    silent, contacts = ask("silent_churn_rate"), ask("contact_rate")
    if rate is None:
        assert not silent and not contacts
    else:
        assert only(silent["2024-03-01",]) == (1, 1)
        assert contacts["2024-02-01",][0] > 0


def test_who_wrote_a_ticket_that_was_merged_was_not_silent(world: World):
    # A colleague had written before; the customer's own ticket is merged into that, and the customer leaves.
    entities = {
        "subscriptions": Sql(
            """select customer_id as subscription_id, customer_id, timestamp '2023-01-01' as started_at, ended_at,
                10.0 as monthly_amount
            from (values ('c', timestamp '2024-03-20'), ('colleague', null)) as told (customer_id, ended_at)"""
        ),
        "tickets": Sql(
            """select ticket_id, customer_id, created_at, status from (values
                ('first', 'colleague', timestamp '2023-01-02', 'open'),
                ('target', 'colleague', timestamp '2024-03-01 08:00:00', 'open'),
                ('merged', 'c', timestamp '2024-03-01 09:00:00', 'closed')
            ) as told (ticket_id, customer_id, created_at, status)"""
        ),
        "ticket_events": Sql(
            """select 'm' as event_id, 'merged' as ticket_id, timestamp '2024-03-01 09:10:00' as occurred_at,
                'merged' as event_type, 'agent' as actor_type, 'target' as to_value"""
        ),
        "survey_responses": Sql(
            """select 'r' as response_id, 'c' as customer_id, 'nps' as survey_type, 'relationship' as touchpoint,
                2.0 as score, 0.0 as scale_min, 10.0 as scale_max, timestamp '2024-03-05' as responded_at"""
        ),
    }
    ask = world(entities, "2024-05-31")
    assert only(ask("silent_churn_rate")["2024-03-01",]) == (0, 1)
    assert only(ask("silent_dissatisfaction_rate")["2024-03-01",]) == (0, 1)


def test_the_influence_of_a_customer_is_what_one_more_of_the_kind_would_change(models: CompiledModels):
    """By the difference quotient of the sum of values, each customer weighted a little more in turn."""
    connection = prepared(models)
    customers = sql(
        """insert into {staging}customers by name
        select 'c' || number as customer_id, if(number < 30, 'large', 'small') as segment
        from range(80) as numbers (number);
        insert into {staging}subscriptions by name
        select 's' || number as subscription_id, 'c' || number as customer_id, 5.0 + number as monthly_amount,
            timestamp '2023-06-01' as started_at,
            case when number % 9 = 0 then timestamp '2024-02-15' + to_months((number // 9)::integer) end as ended_at
        from range(80) as numbers (number)""",
        staging=f"staging.{STAGING}",
    )
    connection.execute(customers)
    run_models(connection, models, datetime.date(2025, 2, 15))
    rows = connection.execute(
        """select segment, is_present::integer, months_at_risk, losses, monthly_margin, influence, prior_variance,
            present_value
        from experience.fct_customer_values inner join experience.dim_customers using (customer_id)
        where month_on = '2024-12-01'"""
    ).fetchnumpy()
    segment = rows.pop("segment")
    present, months, losses, margin, influence, prior_variance, values = (
        numpy.ma.filled(column.astype(float), 0.0) for column in rows.values()
    )
    months_per_loss = months.sum() / (losses.sum() + 0.5)

    def value(weights: numpy.ndarray, added: float = 1.0) -> float:
        found = 0.0
        for name in ("large", "small"):
            own = weights * (segment == name)
            churn = ((own * losses).sum() + added) / ((own * months).sum() + months_per_loss)
            found += worth((own * present * margin).sum(), churn)
        return found

    ones, step = numpy.ones(len(months)), 1e-6
    assert value(ones) == pytest.approx(values.sum())
    by_hand = [(value(ones + step * (numpy.arange(len(ones)) == i)) - value(ones)) / step for i in range(len(ones))]
    assert influence == pytest.approx(by_hand, rel=1e-3, abs=1e-2)
    # The added loss of each segment is one, with a variance of one.
    by_segment = [prior_variance[segment == name].sum() for name in ("large", "small")]
    assert sum(map(math.sqrt, by_segment)) == pytest.approx((value(ones) - value(ones, 1 + step)) / step, rel=1e-3)
