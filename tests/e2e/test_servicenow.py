"""The incident log of ServiceNow has answers of its own: each row carries what its ticket counted."""

from pathlib import Path

import duckdb
import pytest

from workplace import Workplace


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
              count_if(is_reopened), sum(reopens)::bigint,
              sum(reassignments)::bigint,
              count_if(is_sla_met),
              count_if(is_solved),
              median(resolution_calendar_minutes),
              round(avg(resolution_calendar_minutes), 4)
            from service.fct_tickets
        """).fetchone()
    assert answers == (14_893, 191, 232, 16_107, 8_007, 13_807, 2_550, 12_699.6071)


def test_a_log_without_replies_has_no_first_response_time_in_any_period(published: Path):
    with duckdb.connect(str(published), read_only=True) as connection:
        states = connection.execute("""
            select status, value, n, count(*) > 100
            from metrics.metric_values
            where metric = 'first_response_time' and slice = 'all'
            group by all
        """).fetchall()
    assert states == [("no_data", None, 0, True)]


def test_metrics_agree_with_the_counters_of_the_log(published: Path):
    with duckdb.connect(str(published), read_only=True) as connection:
        values = dict(
            connection.execute("""
                select metric, value
                from metrics.metric_values
                where grain = 'all' and slice = 'all' and metric in ('reopen_rate', 'sla_attainment_rate')
            """).fetchall()
        )
        # Of the 191 reopened tickets those that never got a resolved_at were never solved.
        solved, reopened = connection.execute("""
            select count(first_solved_at), count_if(is_reopened and first_solved_at is not null)
            from service.fct_tickets
        """).fetchone()
    assert solved == 13_807
    assert values["reopen_rate"] == reopened / solved
    assert values["sla_attainment_rate"] == 8_007 / 14_893
