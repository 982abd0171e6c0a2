"""One compiled query for all grains is that of each of them."""

import pytest

from cxmetrics.measure.dialects import ALL_TIME, CLOSED, DIALECTS, MARK, OPENED, marking, render_only, unmarked


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_a_dialect_that_truncates_dates_in_its_own_way_is_not_marked(dialect: str):
    assert (marking(DIALECTS[dialect][1]) is None) == (dialect == "bigquery")


def test_the_mark_becomes_the_grain_or_all_time():
    sql = f"{OPENED}DATE_TRUNC('{MARK}', opened_at){CLOSED}"
    assert unmarked(sql, "week") == "DATE_TRUNC('week', opened_at)"
    opened, closed = ALL_TIME
    assert unmarked(sql, None) == f"{opened}DATE_TRUNC('year', opened_at){closed}"


def test_a_client_knows_its_dialect_and_nothing_else():
    client = render_only(*DIALECTS["duckdb"])
    assert (client.sql_engine_type, client.sql_plan_renderer) == DIALECTS["duckdb"]
    with pytest.raises(AttributeError):
        client.query("select 1")
