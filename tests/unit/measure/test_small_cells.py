import duckdb
import pytest

from cxmetrics.measure.small_cells import SUPPRESSED, is_about_a_person
from cxmetrics.published.schema import STATUSES


@pytest.mark.parametrize(
    ("names", "is_person"),
    [
        (["channel", "agent"], True),
        (["ticket__agent"], True),
        (["channel", "agent_team"], False),
        ([], False),
    ],
)
def test_a_slice_or_filter_of_one_agent_is_about_a_person(names: list[str], is_person: bool):
    assert is_about_a_person(names) == is_person


def test_the_status_is_one_of_those_that_are_published():
    assert SUPPRESSED in STATUSES
    assert duckdb.sql(f"select '{SUPPRESSED}'").fetchone() == ("suppressed",)
