"""The incident log of ServiceNow has answers of its own: each row carries what its ticket counted."""

from pathlib import Path

import duckdb
import pytest

from support.workplace import Workplace


@pytest.fixture(scope="module")
def published(made_once, shared_data: Path) -> Path:
    def make(folder: Path) -> None:
        Workplace(folder).cx_succeeds("build", "--source", "servicenow", "--raw", shared_data / "servicenow")

    return Workplace(made_once("servicenow", make)).published


def test_the_log_gives_its_own_answers(published: Path):
    with duckdb.connect(str(published), read_only=True) as connection:
        answers = connection.execute("""
            select
              count(*),
              count_if(reopens > 0), sum(reopens)::bigint,
              sum(reassignments)::bigint,
              count_if(is_sla_met),
              count_if(is_solved),
              median(resolution_calendar_minutes),
              round(avg(resolution_calendar_minutes), 4)
            from service.fct_tickets
        """).fetchone()
    # One more was at work after a Resolved row and has no resolved_at: it was never solved, so never reopened.
    assert answers == (14_893, 190, 231, 16_107, 8_007, 13_807, 2_550, 12_699.6071)


def test_a_log_without_replies_has_no_first_response_time_in_any_period(published: Path):
    with duckdb.connect(str(published), read_only=True) as connection:
        states = connection.execute("""
            select status, value, n, count(*) > 100
            from metrics.metric_values
            where metric = 'first_response_time' and dimension = 'all'
            group by all
        """).fetchall()
    assert states == [("no_data", None, 0, True)]


def test_metrics_agree_with_the_counters_of_the_log(published: Path):
    with duckdb.connect(str(published), read_only=True) as connection:
        values = dict(
            connection.execute("""
                select metric, value
                from metrics.metric_values
                where grain = 'all' and dimension = 'all' and metric in ('reopen_rate', 'sla_attainment_rate')
            """).fetchall()
        )
        # Of the 13,807 solved ones, those whose seven days are over.
        known, reopened = connection.execute("""
            select
                count_if(first_solved_at + interval 7 day <= (select max(as_of) from metrics.build_as_of)),
                count_if(reopens > 0 and is_reopened)
            from service.fct_tickets
        """).fetchone()
    assert 13_000 < known < 13_807
    assert 100 < reopened < 190
    assert values["reopen_rate"] == reopened / known
    assert values["sla_attainment_rate"] == 8_007 / 14_893


def test_transfers_and_volume_are_those_of_the_log(published: Path, shared_data: Path):
    with duckdb.connect(str(published), read_only=True) as connection:
        values = dict(
            connection.execute("""
                select metric, (value, n)
                from metrics.metric_values
                where grain = 'all' and dimension = 'all' and metric in ('transfer_rate', 'ticket_volume')
            """).fetchall()
        )
        # Teams in the order of the file; a row without one says nothing. The first seven days of a ticket count.
        tickets, known, transferred = connection.execute(
            """
            with teams as (
                select number, assignment_group,
                    strptime(sys_updated_at, '%d/%m/%Y %H:%M') as updated_at,
                    strptime(opened_at, '%d/%m/%Y %H:%M') + interval 7 day as until,
                    lag(assignment_group) over (partition by number order by row_number) as before
                from (select *, row_number() over () as row_number from read_csv(?, all_varchar = true))
                where assignment_group <> '?'
            )
            select
                (select count(distinct number) from read_csv(?, all_varchar = true)),
                (
                    select count(*) from service.fct_tickets
                    where created_at + interval 7 day <= (select max(as_of) from metrics.build_as_of)
                ),
                count(distinct case
                    when assignment_group <> before and updated_at <= until
                        and until <= (select max(as_of) from metrics.build_as_of) then number
                end)
            from teams
            """,
            [str(shared_data / "servicenow" / "incident_event_log.csv.gz")] * 2,
        ).fetchone()
    assert values["ticket_volume"] == (tickets, tickets)
    assert values["transfer_rate"] == (pytest.approx(transferred / known, rel=1e-12), known)


# Category and caller as the last row of the log has them; the moment of the solution is what other tests hold.
REPEATS_OF_THE_LOG = """
with log as (
    select number, last(nullif(caller_id, '?') order by position) as caller,
        last(nullif(category, '?') order by position) as category
    from (select *, row_number() over () as position from read_csv(?, all_varchar = true))
    group by number
),
tickets as (
    select log.*, created_at, first_solved_at, is_contact_mature
    from log inner join service.fct_tickets on fct_tickets.ticket_id = 'servicenow:' || log.number
)
select category, count(*), count_if(exists (
    select 1 from tickets as later
    where later.caller = tickets.caller and later.category = tickets.category
        and (later.created_at, later.number) > (tickets.created_at, tickets.number)
        and later.created_at <= tickets.first_solved_at + interval 7 day
))
from tickets
where is_contact_mature and caller is not null and category is not null
group by category having count(*) >= 30
"""


def test_repeat_contacts_by_category_are_those_of_the_log(published: Path, shared_data: Path):
    log = str(shared_data / "servicenow" / "incident_event_log.csv.gz")
    with duckdb.connect(str(published), read_only=True) as connection:
        expected = connection.execute(REPEATS_OF_THE_LOG, [log]).fetchall()
        found = connection.execute("""
            select replace(contact_reason, '_', ' '), count(*), count_if(not is_without_repeat)
            from service.fct_tickets
            where is_contact_mature and customer_id is not null and contact_reason is not null
            group by contact_reason having count(*) >= 30
        """).fetchall()
    assert len(found) > 10
    assert sum(repeats for _, _, repeats in found) > 100
    assert sorted((name.lower(), *counts) for name, *counts in found) == sorted(
        (name.lower(), *counts) for name, *counts in expected
    )


def test_the_audit_of_the_log_knows_tickets_and_no_causes(published: Path):
    with duckdb.connect(str(published), read_only=True) as connection:

        def asked(query: str) -> tuple:
            return connection.execute(query).fetchone()

        # Categories of the log are not in the contact_reasons seed: every ticket is without a cause, and none is lost.
        assert asked("select sum(contacts)::bigint, count(cause_stage) from journey.contact_ownership") == (14_893, 0)
        assert asked("select count(is_outside_support) from journey.contact_ownership") == (0,)
        of_callers = asked("select count(*) from service.fct_tickets where customer_id is not null")
        assert asked("select sum(contacts)::bigint from journey.fct_journeys") == of_callers
        assert asked("select sum(contacts_without_cause)::bigint from journey.fct_journeys") == of_callers
        assert asked("select count(purchased_at) from journey.fct_journeys") == (0,)
        assert asked("select string_agg(distinct finding) from journey.experience_audit") == ("insufficient sample",)
        assert asked("select count(*) from journey.fct_churned_customers") == (0,)


# Its log has tickets, their callers and channels; no replies, escalations, surveys, calls, costs or scores.
KNOWN_OF_THE_LOG = {
    "aged_backlog_share",
    "average_resolution_time",
    "backlog_age",
    "backlog_age_p90",
    "channel_switch_rate",
    "first_contact_resolution_rate",
    "first_resolution_time",
    "issue_resolution_rate",
    "no_repeat_ticket_rate",
    "open_tickets",
    "prompt_resolution_rate",
    "reopen_rate",
    "requester_wait_time",
    "resolution_time",
    "resolution_time_p90",
    "sla_attainment_rate",
    "ticket_volume",
    "transfer_rate",
}


def test_what_the_log_does_not_know_has_no_data(published: Path):
    with duckdb.connect(str(published), read_only=True) as connection:
        known = connection.execute(
            "select distinct metric from metrics.metric_values where status <> 'no_data'"
        ).fetchall()
    assert {metric for (metric,) in known} == KNOWN_OF_THE_LOG
