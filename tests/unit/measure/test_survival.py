"""The product-limit estimate against one worked out in fractions, case by case."""

from __future__ import annotations

import datetime
import math
import random
from fractions import Fraction
from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.measure.answers import answer_sql
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.measures import measures
from cxmetrics.measure.metric_values import write_metric_values
from cxmetrics.measure.question import Question
from support.facts import built, in_memory

Case = tuple[int, bool]
MEDIAN, NINE_TENTHS = "resolution_time", "resolution_time_p90"


def quantile(cases: list[Case], share: Fraction) -> int | None:
    """The first time by which no more than ``1 - share`` of the cases survive; Kaplan and Meier by the book."""
    surviving = Fraction(1)
    for time in sorted({time for time, _ in cases}):
        at_risk = sum(1 for other, _ in cases if other >= time)
        surviving *= Fraction(at_risk - sum(1 for case in cases if case == (time, True)), at_risk)
        if surviving <= 1 - share:
            return time
    return None


def limits(cases: list[Case], share: float) -> tuple[float, float | None]:
    """The ends of the interval, from Greenwood's variance and the log-log limits, in plain arithmetic."""
    z, log_surviving, variance, at_risk_then, low, high = 1.959963984540054, 0.0, 0.0, None, None, None
    for time in sorted({time for time, _ in cases}):
        at_risk = sum(1 for other, _ in cases if other >= time)
        ended = sum(1 for case in cases if case == (time, True))
        if ended:
            at_risk_then = at_risk
        if ended == at_risk:
            lower, upper = 0.0, 1.0
        else:
            log_surviving += math.log(1 - ended / at_risk)
            variance += ended / (at_risk * (at_risk - ended))
            if log_surviving == 0:
                lower, upper = 0.025 ** (1 / at_risk), 1.0
            else:
                wider = math.sqrt(variance * at_risk_then / at_risk) / abs(log_surviving)
                lower = math.exp(log_surviving * math.exp(z * wider))
                upper = math.exp(log_surviving * math.exp(-z * math.sqrt(variance) / abs(log_surviving)))
        low = time if low is None and lower <= 1 - share + 1e-9 else low
        high = time if high is None and upper <= 1 - share + 1e-9 else high
    return (max(time for time, _ in cases) if low is None else low), high


def measured(project: Project, semantics: Semantics, name: str, groups: dict[str, list[Case]]) -> dict[str, tuple]:
    """Channel -> value, n and the ends of the interval of a metric over tickets with these waits."""
    rows = [
        (f"{channel}{number}", channel, time, ended)
        for channel, cases in groups.items()
        for number, (time, ended) in enumerate(cases)
    ]

    def load(connection):
        for row in rows:
            connection.execute(
                "insert into service.fct_tickets by name select ? as ticket_id, ? as channel,"
                " timestamp '2026-01-02' as created_at, ? as resolution_wait_business_minutes, ? as is_solved",
                row,
            )

    with in_memory(project, load) as connection:
        query = measures(semantics, [project.metrics()[name]], Question(by=("channel",)), "double")
        return {row[1]: row[2:6] for row in connection.execute(query).fetchall()}


@pytest.mark.parametrize(("name", "share"), [(MEDIAN, Fraction(1, 2)), (NINE_TENTHS, Fraction(9, 10))])
def test_the_quantile_and_its_interval_are_those_of_the_book(
    cx_project: Project, semantics: Semantics, name: str, share: Fraction
):
    """Few different times, so that most are ties and survivals of exactly one half come up; drawn anew by seed."""
    draw = random.Random(20261130)  # noqa: S311 (nothing is kept secret)
    groups = {
        f"g{number}": [
            (draw.randint(0, 6), draw.random() < chance) for _ in range(draw.choice([1, 2, 3, 4, 8, 10, 60]))
        ]
        for number in range(60)
        for chance in [draw.choice([0, 0.3, 0.7, 1])]
    }
    found = measured(cx_project, semantics, name, groups)
    assert set(found) == set(groups)
    for channel, cases in groups.items():
        low, high = limits(cases, float(share))
        assert found[channel] == (quantile(cases, share), len(cases), low, high), cases
    assert None in {value for value, *_ in found.values()}
    assert len({value for value, *_ in found.values()}) > 4


def test_those_who_wait_are_not_left_out(cx_project: Project, semantics: Semantics):
    """40 solved in an hour, 360 open for four months: no median, and it lies beyond the four months."""
    four_months = 120 * 24 * 60
    cases = {"email": [(60, True)] * 40 + [(four_months, False)] * 360}
    assert measured(cx_project, semantics, MEDIAN, cases) == {"email": (None, 400, four_months, None)}


def test_a_quantile_that_is_not_reached_says_so_and_misses_its_target(
    cx_project: Project, semantics: Semantics, tmp_path: Path
):
    def load(connection):
        connection.execute(
            "insert into service.fct_tickets by name"
            " select 'T' || i as ticket_id, timestamp '2026-01-02' as created_at,"
            " case when i < 40 then 60 else 120 * 24 * 60 end as resolution_wait_business_minutes, i < 40 as is_solved"
            " from range(400) as numbers(i)"
        )

    engine = built(cx_project, tmp_path, load)
    write_metric_values(cx_project, engine, semantics)
    with engine.building() as connection:
        rows = connection.execute(
            "select value, n, ci_low, ci_high, status, target_status from metrics.metric_values"
            " where metric = 'resolution_time' and grain = 'month' and dimension = 'all' order by period_start"
        ).fetchall()
    assert rows[0] == (None, 400, 172_800, None, "not_reached", "missed")
    assert {row[4] for row in rows[1:]} == {"no_data"}


def test_a_filter_and_a_range_pick_the_cases(cx_project: Project, semantics: Semantics):
    def load(connection):
        connection.execute(
            "insert into service.fct_tickets by name select 'T' || i as ticket_id,"
            " timestamp '2026-01-01' + interval (i) day as created_at, case when i % 2 = 0 then 'email' else 'chat' end"
            " as channel, i as resolution_wait_business_minutes, true as is_solved from range(40) as numbers(i)"
        )

    metric = cx_project.metrics()[MEDIAN]
    question = Question("month", (), ("channel = 'email'",), until=datetime.date(2026, 1, 31))
    with in_memory(cx_project, load) as connection:
        rows = connection.execute(measures(semantics, [metric], question, "double")).fetchall()
        answer = connection.execute(
            answer_sql(semantics, [metric], question, cx_project.people, DuckDBEngine)
        ).fetchall()
    # The even days of January, 0 to 30.
    assert [row[1:4] for row in rows] == [(datetime.date(2026, 1, 1), 14.0, 16)]
    assert [row[1:4] for row in answer] == [(datetime.date(2026, 1, 1), 14.0, 16)]
