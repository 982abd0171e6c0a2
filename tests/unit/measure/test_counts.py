"""Counts: zero is a value from the first row on, and a state is what MetricFlow's running total says."""

import datetime

import duckdb
import pytest

from cxmetrics.definitions.metric import Metric
from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.measures import measures
from cxmetrics.measure.metric_values import write_metric_values
from cxmetrics.measure.question import Question
from support.facts import built, changed, in_memory

DAY = datetime.date


def tickets_and_changes(connection: duckdb.DuckDBPyConnection) -> None:
    """Twenty tickets, one every third day from 5 January on, by email and every second by chat, each open for one to
    nine days. The days go on to the end of March."""
    connection.execute("""insert into service.fct_tickets by name
        select 'T' || i as ticket_id, case when i % 2 = 0 then 'email' else 'chat' end as channel,
            case when i % 5 > 0 then 'high' end as priority,
            timestamp '2026-01-05 12:00:00' + interval (3 * i) day as created_at
        from range(20) as numbers(i)""")
    connection.execute("""insert into service.fct_ticket_changes by name
        select 'T' || i || ':' || step as ticket_change_id, 'T' || i as ticket_id, 1 - 2 * step as open_change,
            timestamp '2026-01-05 12:00:00' + interval (3 * i + step * (1 + i % 9)) day as changed_at
        from range(20) as numbers(i) cross join range(2) as steps(step)""")


def answers(project: Project, semantics: Semantics, name: str, question: Question) -> dict[tuple, tuple]:
    with in_memory(project, tickets_and_changes) as connection:
        sql = measures(semantics, [project.metrics()[name]], question, DuckDBEngine.double)
        width = 1 + len(question.keys)
        return {row[1:width]: row[width : width + 2] for row in connection.execute(sql).fetchall()}


@pytest.mark.parametrize("by", [(), ("channel",), ("priority",), ("channel", "priority")])
@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_a_state_is_the_running_total_of_metricflow(cx_project, semantics, grain: str, by: tuple[str, ...]):
    ours = answers(cx_project, semantics, "open_tickets", Question(grain, by))
    with in_memory(cx_project, tickets_and_changes) as connection:
        rows = connection.execute(semantics.sql(["open_tickets"], grain, by)).fetchall()
    assert {key: value for key, (value, _) in ours.items()} == {row[:-1]: row[-1] for row in rows}


def test_the_state_at_the_end_is_what_is_open_then(cx_project, semantics):
    # T17 and T18 are closed on the fifth and the eighth day after, T19 on the second one after 3 March.
    until = Question("day", until=DAY(2026, 3, 4))
    assert answers(cx_project, semantics, "open_tickets", until)[DAY(2026, 3, 4),] == (2.0, 2)
    assert answers(cx_project, semantics, "open_tickets", Question())[()] == (0.0, 0)


def test_a_range_does_not_forget_what_was_open_before_it(cx_project, semantics):
    whole = answers(cx_project, semantics, "open_tickets", Question("day"))
    ranged = answers(
        cx_project, semantics, "open_tickets", Question("day", since=DAY(2026, 1, 20), until=DAY(2026, 2, 2))
    )
    assert list(ranged) == [(DAY(2026, 1, 20) + datetime.timedelta(days=i),) for i in range(14)]
    assert ranged == {key: whole[key] for key in ranged}


def test_a_filter_that_leaves_no_open_ticket_gives_zero_and_not_an_earlier_day(cx_project, semantics):
    filtered = answers(cx_project, semantics, "open_tickets", Question("month", where=("channel = 'chat'",)))
    assert filtered[DAY(2026, 3, 1),] == (0.0, 0)


def test_zero_is_a_value_from_the_first_row_on(cx_project, semantics):
    by_day = answers(cx_project, semantics, "ticket_volume", Question("day", ("channel",)))
    assert (DAY(2026, 1, 7), "chat") not in by_day
    assert by_day[DAY(2026, 1, 8), "chat"] == (1.0, 1)
    assert by_day[DAY(2026, 1, 9), "chat"] == (0.0, 0)
    assert by_day[DAY(2026, 3, 31), "chat"] == (0.0, 0)
    assert sum(value for value, _ in by_day.values()) == 20


def test_metric_values_tell_zero_from_no_data(cx_project: Project, semantics: Semantics, tmp_path, monkeypatch):
    metrics: list[Metric] = [cx_project.metrics()["ticket_volume"], cx_project.metrics()["open_tickets"]]
    monkeypatch.setattr("cxmetrics.measure.metric_values.published_metrics", lambda project: metrics)
    engine = built(cx_project, tmp_path / "warehouse", tickets_and_changes)
    write_metric_values(cx_project, engine, semantics)
    with engine.building() as connection:
        rows = connection.execute(
            "select metric, period_start, value, n, status from metrics.metric_values where grain = 'day'"
            " and dimension = 'all' and period_start in ('2026-01-04', '2026-01-06', '2026-03-30') order by 1, 2"
        ).fetchall()
    assert rows == [
        ("open_tickets", DAY(2026, 1, 4), None, 0, "no_data"),
        ("open_tickets", DAY(2026, 1, 6), 0.0, 0, "ok"),
        ("open_tickets", DAY(2026, 3, 30), 0.0, 0, "ok"),
        ("ticket_volume", DAY(2026, 1, 4), None, 0, "no_data"),
        ("ticket_volume", DAY(2026, 1, 6), 0.0, 0, "ok"),
        ("ticket_volume", DAY(2026, 3, 30), 0.0, 0, "ok"),
    ]


def test_a_metric_in_another_unit_has_no_zeros_where_nothing_is_known(cx_project, semantics, tmp_path):
    volume = cx_project.metrics()["ticket_volume"]
    # What only a count implies has to be said of another unit.
    said = {"sample": volume.meta.sample, "interval": volume.meta.interval.model_dump()}
    metric = changed(cx_project, volume, tmp_path, unit="score", **said)
    with in_memory(cx_project, tickets_and_changes) as connection:
        sql = measures(semantics, [metric], Question("day"), DuckDBEngine.double)
        days = [row[1] for row in connection.execute(sql).fetchall()]
    assert len(days) == 20
