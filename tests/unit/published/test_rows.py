import duckdb

from cxmetrics.published.rows import rows


def test_a_row_is_known_by_its_columns():
    with duckdb.connect(":memory:") as connection:
        found = rows(connection, "select * from (values (1, 'a'), (2, null)) as given(n, name) order by n")
    assert found == [{"n": 1, "name": "a"}, {"n": 2, "name": None}]
