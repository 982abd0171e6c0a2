"""A filter in a metric file counts in everything that stands beside the value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.golden_case import case_path, read_case
from cxmetrics.definitions.project import Project
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.filtered import filtered
from cxmetrics.measure.golden import failures
from cxmetrics.measure.measures import measures
from cxmetrics.measure.question import Question
from support.facts import in_memory, solved_tickets
from support.parsed_project import copy_project, parse

EMAIL = "channel = 'email'"
TICKET_EMAIL = "{{ Dimension('ticket__channel') }} = 'email'"
BUSINESS = "segment = 'business'"
CUSTOMER_BUSINESS = "{{ Dimension('customer__segment') }} = 'business'"
# Metric -> the filter in its file, the same as people ask for it.
WHOLE = {
    "reopen_rate": (TICKET_EMAIL, EMAIL),
    "first_response_time": (TICKET_EMAIL, EMAIL),
    "average_resolution_time": (TICKET_EMAIL, EMAIL),
    "backlog_age": (TICKET_EMAIL, EMAIL),
    "ticket_volume": (TICKET_EMAIL, EMAIL),
    "open_tickets": (TICKET_EMAIL, EMAIL),
    "service_csat": (CUSTOMER_BUSINESS, BUSINESS),
    "contact_rate": (CUSTOMER_BUSINESS, BUSINESS),
    "net_promoter_score": (CUSTOMER_BUSINESS, BUSINESS),
}
# A numerator and a denominator with filters of their own, and a score whose invitations do not know the filter.
SIDES = "transfer_rate"
UNKNOWN_TO_INVITATIONS = "touchpoint_csat"
GOLDEN = """metric: transfer_rate
given:
  fct_tickets:
    - {ticket_id: t1, channel: email, priority: high, created_at: 2026-01-03 09:00:00, is_transferred: true}
    - {ticket_id: t2, channel: email, priority: low, created_at: 2026-01-03 09:00:00, is_transferred: true}
    - {ticket_id: t3, channel: email, priority: low, created_at: 2026-01-03 09:00:00, is_transferred: false}
    - {ticket_id: t4, channel: chat, priority: high, created_at: 2026-01-03 09:00:00, is_transferred: true}
expect:
  - {because: By chat nothing is in the denominator., by: {channel: chat}, value: null, n: 0}
  - because: None of low priority is in the numerator, which is zero.
    by: {priority: low}
    value: 0
    n: 2
    ci_low: 0
    ci_high: 0.6576197724933469
  - because: Of the three by email one of high priority was transferred; the one by chat is in neither count.
    grain: month
    period: 2026-01-01
    value: 0.3333333333333333
    n: 3
"""


@pytest.fixture(scope="module")
def project_with_filters(made_once: Callable[[str, Callable[[Path], None]], Path]) -> tuple[Project, Semantics]:
    def make(folder: Path) -> None:
        root = folder / "project"
        copy_project(root)
        for name, (text, _) in WHOLE.items():
            add_filter(root, name, text)
        add_filter(root, UNKNOWN_TO_INVITATIONS, "{{ Entity('survey_response') }} = 'T0'")
        path = file_of(root, SIDES)
        text = path.read_text(encoding="utf-8")
        high = f"\"{TICKET_EMAIL} and {{{{ Dimension('ticket__priority') }}}} = 'high'\""
        text = text.replace(
            "numerator: tickets_transferred", f"numerator: {{name: tickets_transferred, filter: {high}}}"
        )
        text = text.replace(
            "denominator: tickets_with_events", f'denominator: {{name: tickets_with_events, filter: "{TICKET_EMAIL}"}}'
        )
        path.write_text(text, encoding="utf-8")
        parse(folder, root)

    folder = made_once("project_with_filters", make)
    return Project(folder / "project"), Semantics.load(folder / "semantic_manifest.json")


def file_of(root: Path, metric: str) -> Path:
    return next((root / "metrics").rglob(f"{metric}.yml"))


def add_filter(root: Path, metric: str, text: str) -> None:
    path = file_of(root, metric)
    lines = path.read_text(encoding="utf-8")
    path.write_text(lines.replace("    config:\n", f'    filter: "{text}"\n    config:\n', 1), encoding="utf-8")


def facts(connection: duckdb.DuckDBPyConnection) -> None:
    """Beside the solved tickets: replies, changes of open tickets, answers and months of the four customers."""
    solved_tickets(connection)
    connection.execute(
        """update service.fct_tickets set resolution_business_minutes = hour(created_at),
            last_solved_at = first_solved_at;
        insert into service.fct_ticket_changes by name
        select 'O' || ticket_id as ticket_change_id, ticket_id, customer_id, created_at as changed_at,
            1 as open_change from service.fct_tickets;
        insert into experience.fct_customer_months by name
        select 'M' || i as customer_month_id, 'C' || i % 4 as customer_id, date '2026-01-01' as month_on,
            true as is_complete, true as is_active_at_start, i as contacts, 1.0 as share_of_month
        from range(4) as numbers(i);
        insert into experience.fct_survey_responses by name
        select 'N' || i as response_id, 'C' || i % 4 as customer_id, 'nps' as survey_type, 'relationship' as scope,
            i % 11 as score, i % 11 >= 9 as is_promoter, i % 11 <= 6 as is_detractor,
            timestamp '2026-01-12' as responded_at from range(30) as numbers(i);
        insert into experience.fct_survey_responses by name
        select 'P' || i as response_id, 'C' || i % 4 as customer_id, 'csat' as survey_type,
            'service_touchpoint' as scope, i % 3 = 0 as is_satisfied, 'support_call' as touchpoint,
            timestamp '2026-01-12' as responded_at from range(20) as numbers(i);
        insert into experience.fct_survey_responses by name
        select 'T' || i as response_id, 'csat' as survey_type, 'touchpoint' as scope, i % 3 = 0 as is_satisfied,
            timestamp '2026-01-12' as responded_at from range(20) as numbers(i);
        insert into experience.fct_survey_invitations by name
        select 'P' || i as invitation_id, 'C' || i % 4 as customer_id, 'csat' as survey_type,
            'service_touchpoint' as scope, i % 5 = 0 as is_answered, timestamp '2026-01-02' as sent_at
        from range(60) as numbers(i);
        insert into experience.fct_survey_invitations by name
        select 'T' || i as invitation_id, 'csat' as survey_type, 'touchpoint' as scope, i % 3 = 0 as is_answered,
            timestamp '2026-01-02' as sent_at from range(40) as numbers(i)"""
    )


def nobody_knows(connection: duckdb.DuckDBPyConnection) -> None:
    """A ticket by email of which nobody knows whether it was transferred."""
    connection.execute(
        "insert into service.fct_tickets by name"
        " select 'T' as ticket_id, 'email' as channel, timestamp '2026-01-02' as created_at"
    )


def answered(semantics: Semantics, project: Project, metric: str, question: Question) -> list[tuple[object, ...]]:
    with in_memory(project, facts) as connection:
        query = measures(semantics, [project.metrics()[metric]], question, "double")
        return sorted(connection.execute(query).fetchall(), key=str)


@pytest.mark.parametrize("grain", ["month", None])
@pytest.mark.parametrize("name", WHOLE)
def test_a_filter_in_the_file_is_the_filter_of_a_question(
    name: str, grain: str | None, cx_project: Project, semantics: Semantics, project_with_filters
):
    changed, with_filter = project_with_filters
    asked = Question(grain, ("segment",), (WHOLE[name][1],))
    expected = answered(semantics, cx_project, name, asked)
    everything = answered(semantics, cx_project, name, Question(grain, ("segment",)))
    found = answered(with_filter, changed, name, Question(grain, ("segment",)))
    value, n = 1 + len(asked.keys), 2 + len(asked.keys)
    said = [row for row in found if row[value] is not None and row[n]]
    assert said == [row for row in expected if row[value] is not None and row[n]]
    assert said and said != [row for row in everything if row[value] is not None and row[n]]


def test_a_response_rate_is_of_the_invitations_that_the_filter_leaves(project_with_filters):
    project, semantics = project_with_filters
    ((_, _, _, _, _, rate, *_),) = answered(semantics, project, "service_csat", Question())
    # Customers 0 and 1 were asked 30 times; 0, 5, 20, 25, 40 and 45 were answered.
    assert rate == pytest.approx(6 / 30)


def test_no_response_rate_is_shown_where_invitations_do_not_know_the_filter(project_with_filters):
    project, semantics = project_with_filters
    ((_, value, n, _, _, rate, *_),) = answered(semantics, project, UNKNOWN_TO_INVITATIONS, Question())
    assert (value, n, rate) == (1.0, 1, None)


def test_a_partial_dimension_knows_the_filter(cx_project: Project, semantics: Semantics, project_with_filters):
    project, with_filter = project_with_filters
    metric = filtered(with_filter, project.metrics()["contact_rate"])
    (parts,) = metric.meta.partial_dimensions.values()
    assert {with_filter.unfiltered(name) for name in parts} == {"contacts", "contacts_squared", "contacts_times_months"}
    assert not {*parts, *parts.values()} & {*semantics.simple_inputs("contact_rate")}


def test_a_numerator_and_a_denominator_have_filters_of_their_own(project_with_filters, tmp_path: Path):
    project, semantics = project_with_filters
    case = case_path(project, project.metrics()[SIDES])
    case.parent.mkdir(parents=True, exist_ok=True)
    case.write_text(GOLDEN, encoding="utf-8")
    assert failures(project, semantics, read_case(project, case)) == []
    with in_memory(project, nobody_knows) as connection:
        query = measures(semantics, [project.metrics()[SIDES]], Question(), "double")
        assert [row[1:3] for row in connection.execute(query).fetchall()] in ([], [(None, 0)]), (
            "what is not known is not 0"
        )
    case.write_text(GOLDEN.replace("n: 3", "n: 4"), encoding="utf-8")
    (difference,) = failures(project, semantics, read_case(project, case))
    assert "n of transfer_rate is 3, expected 4" in difference


def test_a_metric_without_a_filter_is_left_as_it_is(cx_project: Project, semantics: Semantics):
    metric = cx_project.metrics()["reopen_rate"]
    assert filtered(semantics, metric) is metric
