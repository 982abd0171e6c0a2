import re

import duckdb

from cxmetrics.definitions.project import Project
from cxmetrics.published.schema import METRIC_VALUES
from cxmetrics.site import reference


def test_the_first_query_reads_columns_that_are_published_of_a_metric_there_is(cx_project: Project) -> None:
    columns = ", ".join(f"{name} {column.data_type}" for name, column in METRIC_VALUES.columns.items())
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"create schema metrics; create table metrics.metric_values ({columns})")
        assert connection.execute(reference.FIRST_QUERY).fetchall() == []
    named = re.findall(r"metric = '(\w+)'|cx query (\w+)", reference.FIRST_QUERY + reference.FIRST_COMMANDS)
    assert {name for pair in named for name in pair if name} <= set(cx_project.metrics())
