"""Satisfied is 1 option of 2, 2 of 5 and 3 of 7: where a survey changes its scale, the series breaks."""

import datetime

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.sql import joined, sql
from cxmetrics.measure.breaks import BREAK
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.measures import measures
from cxmetrics.measure.question import Question
from support.facts import in_memory

JANUARY, FEBRUARY, MARCH, APRIL, JUNE = (datetime.date(2026, month, 1) for month in (1, 2, 3, 4, 6))
CSAT, CES, NPS = "touchpoint_csat", "customer_effort_score", "net_promoter_score"


def answers(connection: duckdb.DuckDBPyConnection) -> None:
    """Answers spread evenly over the options of their scale, so that nobody's opinion ever changes: 70 a month on 1 to
    5 in January and February, 70 on 0 to 1 in March and April, and 70 on 1 to 7 in June. The call of welcome asks on
    1 to 5 all along. In March NPS is asked on 0 to 10 as before, and effort is asked the other way round."""
    connection.execute(
        """create temp table asked as
        select * from (values (1, 1, 5), (2, 1, 5), (3, 0, 1), (4, 0, 1), (6, 1, 7)) as months(month, low, high);
        insert into experience.fct_survey_responses by name
        select 'D' || month || ':' || i as response_id, 'touchpoint' as scope, 'delivery' as touchpoint,
            make_timestamp(2026, month, 10, 12, 0, 0) as responded_at, low || ' to ' || high as scale,
            (i % (high - low + 1)) / (high - low) > 0.6 as is_satisfied
        from asked cross join range(70) as numbers(i)
        union all by name
        select 'W' || month || ':' || i as response_id, 'touchpoint' as scope, 'welcome_call' as touchpoint,
            make_timestamp(2026, month, 10, 12, 0, 0) as responded_at, '1 to 5' as scale, true as is_satisfied
        from asked cross join range(40) as numbers(i)
        union all by name
        select 'E' || month || ':' || i as response_id, 'touchpoint' as scope, 'delivery' as touchpoint,
            make_timestamp(2026, month, 10, 12, 0, 0) as responded_at, i % 2 = 0 as is_easy,
            case when month < 3 then '1 to 7' else '1 to 7, reversed' end as scale
        from asked cross join range(40) as numbers(i)
        union all by name
        select 'N' || month || ':' || i as response_id, 'relationship' as scope, i % 2 = 0 as is_promoter,
            i % 2 = 1 as is_detractor, make_timestamp(2026, month, 10, 12, 0, 0) as responded_at, '0 to 10' as scale
        from asked cross join range(40) as numbers(i)
        union all by name
        -- Two scales side by side, 12 to 8 and 8 to 12: small months differ by chance.
        select 'R' || month || ':' || i as response_id, 'touchpoint' as scope, 'renewal' as touchpoint,
            make_timestamp(2026, month, 10, 12, 0, 0) as responded_at, true as is_satisfied,
            case when i < 12 - 4 * (month % 2) then '1 to 5' else '0 to 10' end as scale
        from asked cross join range(20) as numbers(i)"""
    )


def broken(project: Project, semantics: Semantics, question: Question, *names: str) -> set[tuple]:
    keys = joined(["metric", *question.keys])
    metrics = [project.metrics()[name] for name in names]
    with in_memory(project, answers) as connection:
        answer = measures(semantics, metrics, question, "double")
        query = sql("select {keys} from ({answer}) where {name} = 1", keys=keys, answer=answer, name=BREAK)
        return set(connection.execute(query).fetchall())


def test_a_new_scale_breaks_the_series_in_its_first_period(cx_project: Project, semantics: Semantics):
    found = broken(cx_project, semantics, Question("month", ("touchpoint",)), CSAT)
    # May has no answers: June is compared with April.
    assert found == {(CSAT, MARCH, "delivery"), (CSAT, JUNE, "delivery")}


def test_the_rate_moves_there_though_nobody_is_more_satisfied(cx_project: Project, semantics: Semantics):
    question = Question("month", (), ("touchpoint = 'delivery'",))
    with in_memory(cx_project, answers) as connection:
        rows = connection.execute(measures(semantics, [cx_project.metrics()[CSAT]], question, "double")).fetchall()
    rates = {row[1]: row[2] for row in rows}
    assert [rates[month] for month in (FEBRUARY, MARCH, JUNE)] == pytest.approx([2 / 5, 1 / 2, 3 / 7])
    assert broken(cx_project, semantics, question, CSAT) == {(CSAT, MARCH), (CSAT, JUNE)}


def test_a_quarter_has_the_mix_of_its_months(cx_project: Project, semantics: Semantics):
    question = Question("quarter", (), ("touchpoint = 'delivery'",))
    assert broken(cx_project, semantics, question, CSAT) == {(CSAT, APRIL)}


def test_the_period_before_a_range_decides_about_its_first_one(cx_project: Project, semantics: Semantics):
    question = Question("month", ("touchpoint",), since=MARCH, until=MARCH)
    assert (CSAT, MARCH, "delivery") in broken(cx_project, semantics, question, CSAT)


def test_effort_breaks_too_and_nps_has_one_scale_only(cx_project: Project, semantics: Semantics):
    assert broken(cx_project, semantics, Question("month"), CES, NPS, "reopen_rate") == {(CES, MARCH)}


def test_all_time_and_a_scale_by_itself_break_nowhere(cx_project: Project, semantics: Semantics):
    assert broken(cx_project, semantics, Question(), CSAT) == set()
    assert broken(cx_project, semantics, Question("month", ("scale",)), CSAT) == set()
