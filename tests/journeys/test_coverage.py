"""A table that ended tells nothing, and nothing told is no zero. Each case is a source, or two, as SQL over the
canonical entities, and what metrics must say of its periods."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.measure.answers import answer_sql
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.question import Question
from support.histories import STAGING, CompiledModels, prepared, run_models

# Status and value by the first day of a month.
Months = dict[str, tuple[str, float | None]]
YEAR = "2026-12-31"


class World:
    """A database in which the models have run on one source."""

    def __init__(self, models: CompiledModels, project: Project, semantics: Semantics):
        self.models, self.project, self.semantics = models, project, semantics
        self.connection: duckdb.DuckDBPyConnection

    def run(self, entities: Mapping[str, Sql], as_of: str = YEAR) -> None:
        self.connection = prepared(self.models)
        for entity, query in entities.items():
            table = f"staging.{STAGING}{entity}"
            self.connection.execute(sql("insert into {table} by name {query}", table=table, query=query))
        run_models(self.connection, self.models, datetime.date.fromisoformat(as_of))

    def months(self, metric: str, *by: str, grain: str | None = "month") -> Months:
        metrics = [self.project.metrics()[metric]]
        question = Question(grain=grain, by=by)
        query = answer_sql(self.semantics, metrics, question, self.project.people, DuckDBEngine)
        keys = joined(question.keys) or Sql("'all'")
        wanted = sql("select {keys}, status, value from ({query}) as answered", keys=keys, query=query)
        rows = self.connection.execute(wanted).fetchall()
        return {":".join(map(str, row[:-2])): row[-2:] for row in rows}

    def coverage(self, table: str) -> tuple[str, str, bool]:
        query = (
            "select starts_on::varchar, ends_on::varchar, has_ended from metrics.source_coverage where table_name = ?"
        )
        (found,) = self.connection.execute(query, [table]).fetchall()
        return found


@pytest.fixture(scope="module")
def world(models: CompiledModels, cx_project: Project, semantics: Semantics) -> World:
    return World(models, cx_project, semantics)


def days(columns: str, since: str, until: str, each: str = "1 day") -> Sql:
    """One row for every day from ``since`` to ``until``, at noon; ``columns`` may use ``day`` and ``number``."""
    return sql(
        "select {columns} from (select day + interval 12 hour as day, row_number() over (order by day) as number"
        " from generate_series(timestamp {since}, timestamp {until}, interval {each}) as series(day)) as days",
        columns=Sql(columns),
        since=DuckDBEngine.literal(since),
        until=DuckDBEngine.literal(until),
        each=DuckDBEngine.literal(each),
    )


TICKETS = (
    "'t' || number as ticket_id, 'c' || number % 40 as customer_id, day as created_at,"
    " 'login_problem' as contact_reason"
)
VISITS = "'h' || number as help_session_id, 'c1' as customer_id, day as started_at"
ANSWERS = (
    "'a' || number as response_id, 'c' || number % 40 as customer_id, 'csat' as survey_type, 5 as score,"
    " 1 as scale_min, 5 as scale_max, 'app_session' as touchpoint, day as responded_at"
)
SUBSCRIBERS = Sql(
    "select 's' || number as subscription_id, 'c' || number as customer_id, timestamp '2025-06-01' as started_at,"
    " 10 as monthly_amount from range(40) as numbers(number)"
)


def tickets(until: str) -> dict[str, Sql]:
    """A ticket a day from January on, each replied to and solved within the hour."""
    events = sql(
        "select 'r' || ticket_id as event_id, ticket_id, created_at + interval 10 minute as occurred_at,"
        " 'public_reply' as event_type, 'agent' as actor_type, null as to_value from ({tickets}) as opened union all"
        " select 's' || ticket_id, ticket_id, created_at + interval 1 hour, 'status_changed', 'agent', 'solved'"
        " from ({tickets}) as opened",
        tickets=days(TICKETS, "2026-01-01", until),
    )
    return {"tickets": days(TICKETS, "2026-01-01", until), "ticket_events": events}


def test_months_after_the_last_ticket_have_no_data_and_the_month_of_it_is_partial(world: World):
    world.run(
        {**tickets("2026-06-14"), "survey_responses": days(ANSWERS, "2026-01-01", YEAR), "subscriptions": SUBSCRIBERS}
    )
    assert world.coverage("tickets") == ("2026-01-01", "2026-06-14", True)
    assert world.coverage("survey_responses") == ("2026-01-01", YEAR, False)
    for metric in ("ticket_volume", "open_tickets", "contact_rate", "proactive_contact_share", "first_response_time",
                   "resolution_time", "issue_resolution_rate", "aged_backlog_share"):  # fmt: skip
        months = world.months(metric)
        assert {months[f"2026-{month:02}-01"] for month in range(7, 13)} == {("no_data", None)}, metric
        assert months["2026-06-01"][0] in ("partial", "no_data"), metric
    volume = world.months("ticket_volume")
    assert volume["2026-05-01"] == ("ok", 31)
    assert volume["2026-06-01"] == ("partial", 14)
    assert world.months("contact_rate")["2026-06-01"][0] == "partial"
    assert world.months("ticket_volume", grain="year")["2026-01-01"] == ("partial", 165)
    assert world.months("touchpoint_csat")["2026-12-01"] == ("ok", 1.0)


def test_the_state_of_today_is_not_known_from_a_table_that_ended(world: World):
    world.run({**tickets("2026-06-14"), "survey_responses": days(ANSWERS, "2026-01-01", YEAR)})
    assert world.months("open_tickets", grain=None) == {"all": ("no_data", None)}
    # A count of all time says how many were told of.
    assert world.months("ticket_volume", grain=None) == {"all": ("ok", 165)}
    # By a dimension there is a row where there is data, and nowhere else.
    months = {key.split(":")[0] for key in world.months("ticket_volume", "contact_reason")}
    assert max(months) == "2026-06-01"


def test_a_table_that_goes_on_has_its_verdicts_to_the_end(world: World):
    world.run({**tickets(YEAR), "survey_responses": days(ANSWERS, "2026-01-01", YEAR)})
    assert world.coverage("tickets") == ("2026-01-01", YEAR, False)
    assert {status for status, _ in world.months("ticket_volume").values()} == {"ok"}


def test_three_rows_a_year_are_no_end(world: World):
    rows = days(VISITS, "2026-02-10", "2026-11-10", "120 days")
    world.run({**tickets(YEAR), "help_sessions": rows})
    assert world.coverage("help_sessions") == ("2026-01-01", YEAR, False)


def test_a_table_with_quiet_weeks_has_not_ended_in_one_more(world: World):
    # Delivered once in three weeks, the last time forty days before the end.
    rows = days(
        "'h' || number as help_session_id, 'c1' as customer_id, day as started_at",
        "2026-01-05",
        "2026-11-21",
        "20 days",
    )
    world.run({**tickets(YEAR), "help_sessions": rows})
    assert world.coverage("help_sessions")[1:] == (YEAR, False)


def test_a_table_with_a_row_a_day_has_not_ended_after_two_weeks_and_has_after_three(world: World):
    for last, ended in (("2026-12-17", False), ("2026-12-16", True)):
        world.run({**tickets(last), "survey_responses": days(ANSWERS, "2026-01-01", YEAR)})
        assert world.coverage("tickets")[2] is ended, last


def test_an_as_of_date_decides_what_has_ended(world: World):
    entities = {**tickets("2026-06-14"), "survey_responses": days(ANSWERS, "2026-01-01", YEAR)}
    world.run(entities, "2026-06-20")
    assert world.coverage("tickets") == ("2026-01-01", "2026-06-20", False)
    # Named long after everything: nothing is told of the time between, by nobody.
    world.run(tickets("2026-06-14"), YEAR)
    assert world.months("ticket_volume")["2026-07-01"] == ("no_data", None)


def test_events_that_end_before_their_tickets_leave_the_tickets_counted_and_their_outcome_unknown(world: World):
    told = tickets(YEAR)
    told["ticket_events"] = sql(
        "select * from ({all}) as told where occurred_at < timestamp '2026-06-15'", all=told["ticket_events"]
    )
    world.run(told)
    assert world.months("ticket_volume")["2026-12-01"] == ("ok", 31)
    for metric in ("first_response_time", "issue_resolution_rate", "one_touch_resolution_rate", "open_tickets"):
        months = world.months(metric)
        assert {months[f"2026-{month:02}-01"] for month in range(7, 13)} == {("no_data", None)}, metric
        assert months["2026-06-01"][0] in ("partial", "no_data"), metric


def test_a_table_that_begins_later_is_partial_where_it_begins(world: World):
    world.run({**tickets(YEAR), "survey_responses": days(ANSWERS, "2026-03-10", YEAR)})
    months = world.months("touchpoint_csat")
    assert [months[f"2026-{month:02}-01"][0] for month in (1, 2, 3, 4)] == ["no_data", "no_data", "partial", "ok"]
    # Tickets begin with the data.
    assert world.months("ticket_volume")["2026-01-01"][0] == "ok"


def test_orders_that_end_make_nobody_lapse(world: World):
    orders = "'o' || number as order_id, 'c' || number % 7 as customer_id, day as ordered_at, 10 as amount, 4 as margin"
    world.run({**tickets(YEAR), "orders": days(orders, "2026-01-01", "2026-04-30")}, YEAR)
    lapsed = world.connection.execute("select count(*) from journey.fct_journeys where outcome = 'lapsed'").fetchone()
    assert lapsed == (0,)
    churn = world.months("monthly_customer_churn_rate")
    assert churn["2026-11-01"] == ("no_data", None)
    revenue = "select max(month_on)::varchar from experience.fct_customer_months where revenue is not null"
    assert world.connection.execute(revenue).fetchone() == ("2026-04-01",)


def test_visits_are_not_resolved_because_tickets_ended(world: World):
    visits = days(VISITS, "2026-01-01", YEAR)
    world.run({**tickets("2026-06-14"), "help_sessions": visits})
    assert world.months("self_service_resolution_rate")["2026-08-01"] == ("no_data", None)
