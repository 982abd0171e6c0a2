"""Contacts by the stage that caused them: customers have no cause, so only the contacts are sliced."""

import datetime

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.measures import measures
from cxmetrics.measure.question import Question
from support.facts import in_memory

JANUARY, FEBRUARY = datetime.date(2026, 1, 1), datetime.date(2026, 2, 1)


def contacts(connection: duckdb.DuckDBPyConnection) -> None:
    """Ten customers a month, half of them in the south, one of unknown region. In January each of them asked twice
    because of use and once because of nobody knows what, in February half of them once because of a delivery."""
    connection.execute(
        """insert into experience.dim_customers by name
        select 'C' || i as customer_id, case when i < 5 then 'south' when i < 9 then 'north' end as region
        from range(10) as numbers(i);
        create temp table causes as
        select 'C' || i as customer_id, date '2026-01-01' as month_on, 'use' as cause_stage, 2 as contacts
        from range(10) as numbers(i)
        union all
        select 'C' || i, date '2026-01-01', null, 1 from range(10) as numbers(i)
        union all
        select 'C' || i, date '2026-02-01', 'purchase', 1 from range(5) as numbers(i);
        insert into experience.fct_customer_month_contacts by name select *, 1.0 as share_of_month from causes;
        insert into experience.fct_customer_months by name
        select customer_id, month_on, coalesce(sum(contacts), 0) as contacts, 1.0 as share_of_month,
            customer_id || month_on as customer_month_id
        from (from experience.dim_customers cross join (values (date '2026-01-01'), (date '2026-02-01')) as m(month_on))
        left join causes using (customer_id, month_on)
        group by customer_id, month_on"""
    )


def answer(project: Project, semantics: Semantics, question: Question) -> list[tuple]:
    metric = project.metrics()["contact_rate"]
    with in_memory(project, contacts) as connection:
        return connection.execute(measures(semantics, [metric], question, "double")).fetchall()


def rates(project: Project, semantics: Semantics, question: Question) -> dict[tuple, tuple]:
    keys = len(question.keys)
    return {row[1 : 1 + keys]: row[1 + keys : 3 + keys] for row in answer(project, semantics, question)}


@pytest.mark.parametrize("grain", ["month", "quarter", None])
@pytest.mark.parametrize("by", [(), ("region",)])
def test_the_rates_of_the_causes_add_up_to_the_rate_of_all(
    cx_project: Project, semantics: Semantics, grain: str | None, by: tuple[str, ...]
):
    whole = rates(cx_project, semantics, Question(grain, by))
    parts = rates(cx_project, semantics, Question(grain, (*by, "cause_stage")))
    assert len(parts) > len(whole) > 0
    sums = {
        key: (sum(value for (*k, _), (value, _) in parts.items() if tuple(k) == key), n)
        for key, (_, n) in whole.items()
    }
    known = {key: numbers for key, numbers in whole.items() if numbers[0]}
    assert {key: sums[key] for key in known} == {key: pytest.approx(numbers) for key, numbers in known.items()}


def test_only_the_contacts_are_sliced(cx_project: Project, semantics: Semantics):
    assert rates(cx_project, semantics, Question("month", ("cause_stage",))) == {
        (JANUARY, "use"): (200, 10),
        (JANUARY, None): (100, 10),
        (FEBRUARY, "purchase"): (50, 10),
        # A stage without a contact in a month has none, which is not unknown.
        (JANUARY, "purchase"): (0, 10),
        (FEBRUARY, "use"): (0, 10),
        (FEBRUARY, None): (0, 10),
    }


def test_ranges_and_filters_that_both_have_hold_for_both(cx_project: Project, semantics: Semantics):
    question = Question("month", ("cause_stage",), ("region = 'south'",), since=FEBRUARY, until=FEBRUARY)
    none = {(FEBRUARY, "use"): (0, 5), (FEBRUARY, None): (0, 5)}
    assert rates(cx_project, semantics, question) == none | {(FEBRUARY, "purchase"): (100, 5)}
    everything = Question(None, ("cause_stage",), ("region = 'south'",), until=JANUARY)
    assert rates(cx_project, semantics, everything)[("use",)] == (200, 5)


def test_the_interval_is_that_of_the_part(cx_project: Project, semantics: Semantics):
    rows = answer(cx_project, semantics, Question("month", ("cause_stage",)))
    (use,) = [row for row in rows if row[1:3] == (JANUARY, "use")]
    # Everybody asked twice: no spread.
    assert use[3:8] == (200, 10, 200, 200, None)


@pytest.mark.parametrize(
    "question",
    [
        Question(by=("cause_stage", "customer_month")),
        Question(by=("cause_stage",), where=("cause_stage = 'use'",)),
        Question(by=("cause_stage",), where=("customer_month_contact__cause_stage = 'use'",)),
    ],
)
def test_what_only_one_side_has_is_refused(cx_project: Project, semantics: Semantics, question: Question):
    with pytest.raises(CxError, match="contact_rate by cause_stage can only be sliced and filtered") as refused:
        answer(cx_project, semantics, question)
    assert "region" in refused.value.allowed
    assert "cause_stage" not in refused.value.allowed


def test_without_the_dimension_its_filter_is_refused(cx_project: Project, semantics: Semantics):
    with pytest.raises(CxError, match="cannot be sliced by this"):
        answer(cx_project, semantics, Question(where=("cause_stage = 'use'",)))
