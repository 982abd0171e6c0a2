import duckdb
import pytest

from cxmetrics.definitions.people import Agents, Customers, People
from cxmetrics.errors import CxError
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.question import Question
from cxmetrics.measure.small_cells import SUPPRESSED, persons, smallest_group
from cxmetrics.published.schema import STATUSES

POLICY = People(agent=Agents(ids=True, smallest_group=7), customer=Customers(smallest_group=3))


@pytest.mark.parametrize(
    ("question", "roles", "least"),
    [
        (Question(by=("channel", "agent")), {"agent"}, 7),
        (Question(by=("ticket__channel",)), set(), 0),
        (Question(by=("customer",)), {"customer"}, 3),
        (Question(where=("ticket = 'T1'",)), {"customer"}, 3),
        (Question(by=("ticket",), where=("agent = 'A1'",)), {"agent", "customer"}, 7),
        (Question(by=("channel", "team"), where=("segment = 'business'",)), set(), 0),
    ],
)
def test_whatever_has_an_id_of_its_own_is_somebodys(
    semantics: Semantics, question: Question, roles: set[str], least: int
):
    assert persons(semantics, ["reopen_rate"], question) == roles
    assert smallest_group(POLICY, roles) == least


def test_agents_are_refused_where_they_are_not_published():
    with pytest.raises(CxError, match="values by agent are not published"):
        smallest_group(People(), {"agent"})


def test_the_status_is_one_of_those_that_are_published():
    assert SUPPRESSED in STATUSES
    assert duckdb.sql(f"select '{SUPPRESSED}'").fetchone() == ("suppressed",)
