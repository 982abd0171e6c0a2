"""What is to be published of a build, whatever the engine."""

import duckdb
import pytest

from cxmetrics.engines.interface import Publication, first_row
from cxmetrics.errors import BuildFailed

PLAN = Publication(("service", "metrics"), frozenset({"service.a", "metrics.b"}), "metrics.b", {})
A, B, OTHER = ("service", "a"), ("metrics", "b"), ("service", "of_yesterday")


def test_what_a_model_describes_is_chosen_in_the_order_of_the_build_and_the_rest_is_said():
    assert PLAN.chosen([B, A]) == ([B, A], [])
    chosen, notes = PLAN.chosen([A, OTHER, B])
    assert chosen == [A, B]
    assert notes == ["service.of_yesterday is in the build and no model describes it, so it was not published"]


def test_all_that_is_missing_is_named():
    with pytest.raises(BuildFailed, match=r"not published: metrics\.b is missing from the build"):
        PLAN.chosen([A])
    with pytest.raises(BuildFailed, match=r"metrics\.b, service\.a are missing from the build"):
        PLAN.chosen([OTHER])


def test_a_copy_has_the_rows_of_the_build_and_only_the_required_table_must_have_some():
    PLAN.require_rows("service.a", 0, 0)
    PLAN.require_rows("metrics.b", 3, 3)
    with pytest.raises(BuildFailed, match=r"service\.a has 2 rows in the copy and 3 in the build"):
        PLAN.require_rows("service.a", 3, 2)
    with pytest.raises(BuildFailed, match=r"metrics\.b has no row"):
        PLAN.require_rows("metrics.b", 0, 0)


def test_the_first_row_of_a_query_that_has_none_is_a_defect():
    with duckdb.connect() as connection:
        assert first_row(connection, "from (values (1, 'a'), (2, 'b'))") == (1, "a")
        with pytest.raises(RuntimeError, match="a value is missing that is always there"):
            first_row(connection, "select 1 limit 0")
