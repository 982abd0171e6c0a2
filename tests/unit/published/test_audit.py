"""What is read of the audit; ``cx audit`` itself is tested with the commands."""

from collections.abc import Iterator

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.quoting import literal
from cxmetrics.errors import CxError
from cxmetrics.published.audit import Selection, audit, customers
from support.facts import in_memory

ROWS = """
insert into journey.experience_audit by name
from (values ('use', 5, 'all', 1), ('renewal', 7, 'all', 2), ('use', 5, 'it''s', 1))
    as rows(stage, stage_position, segment, audit_rank);
insert into journey.dual_lens by name
from (values ('use', 'all', 3)) as rows(stage, segment, churned);
insert into journey.fct_churned_customers by name
from (values
    ('a:1', 'home', 'use', true, false, 'renewal', timestamp '2026-01-05'),
    ('b:1', 'it''s', 'use', true, false, 'use', timestamp '2026-01-07'),
    ('c:1', 'home', 'renewal', false, true, null, timestamp '2026-01-06')
) as rows(journey_id, segment, stage, is_satisfied, is_silent, answered_cause_stage, ended_at);
insert into journey.contact_ownership by name
from (values ('use', 'product', true, 6), ('service', 'support', false, 2), (null, null, null, 5))
    as rows(cause_stage, accountable_group, is_outside_support, contacts);
"""


@pytest.fixture
def connection(cx_project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory(cx_project) as connection:
        connection.execute(ROWS)
        yield connection


def test_a_stage_nobody_left_has_a_lens_of_zeros(connection: duckdb.DuckDBPyConnection):
    found = audit(connection, literal, None, Selection())
    assert [(row["stage"], row["churned"]) for row in found.findings] == [("use", 3), ("renewal", 0)]


def test_contacts_without_a_known_cause_are_in_no_share(connection: duckdb.DuckDBPyConnection):
    shares = audit(connection, literal, None, Selection()).outside_support
    assert (shares["contacts"], shares["contacts_with_cause"], shares["share_outside_support"]) == (13, 8, 0.75)
    assert audit(connection, literal, None, Selection("renewal")).outside_support["share_outside_support"] is None


@pytest.mark.parametrize(
    ("name", "selection", "journeys"),
    [
        ("masked", Selection(), ["b:1", "a:1"]),
        ("masked", Selection("renewal"), ["a:1"]),
        ("masked", Selection(segment="it's"), ["b:1"]),
        ("silent", Selection("renewal"), ["c:1"]),
    ],
)
def test_a_list_names_a_stage_by_the_contact_that_was_praised_or_the_one_they_left_in(
    connection: duckdb.DuckDBPyConnection, name: str, selection: Selection, journeys: list[str]
):
    assert [row["journey_id"] for row in customers(connection, literal, name, selection)] == journeys


@pytest.mark.parametrize(
    ("selection", "allowed"),
    [(Selection("purchase"), ["use", "renewal"]), (Selection(segment="home"), ["all", "it's"])],
)
def test_what_is_not_there_is_refused_with_what_is(
    connection: duckdb.DuckDBPyConnection, selection: Selection, allowed: list[str]
):
    with pytest.raises(CxError) as refused:
        audit(connection, literal, None, selection)
    assert refused.value.allowed == allowed
