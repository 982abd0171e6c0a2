"""Published views show a copy of the build."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from cxmetrics.engines.interface import Publication
from cxmetrics.engines.sql import sql
from cxmetrics.errors import BuildFailed

if TYPE_CHECKING:
    from cxmetrics.engines.spark.session import Session

TABLE = "metrics.metric_values"
COMMENT = "it's \\ a 'value'"
PLAN = Publication(("metrics",), frozenset({TABLE}), TABLE, {TABLE: {"": "Values.", "value": COMMENT}})


@pytest.fixture
def empty(session: Session) -> Iterator[Session]:
    """The session, in which nothing is built or published, also not when the test has ended."""
    yield session
    for (name,) in session.sql("show schemas").collect():
        if name != "default":
            session.sql(f"drop schema {name} cascade")


def build(session: Session, value: int, *more: str) -> None:
    session.sql("create schema if not exists build_metrics")
    for name in ("metric_values", *more):
        session.sql(f"drop table if exists build_metrics.{name}")
        session.sql(f"create table build_metrics.{name} using parquet as select {value} as value")


def values(session: Session, table: str = TABLE) -> list[int]:
    return [row[0] for row in session.sql(sql("select value from {table}", table=table)).collect()]


def copies(session: Session) -> list[str]:
    return sorted(row[0] for row in session.sql("show schemas like 'published_*'").collect())


def test_views_show_the_newest_copy_and_the_one_before_is_kept(empty: Session):
    from cxmetrics.engines.spark.publication import publish_views

    seen: list[str] = []
    for value in (1, 2, 3):
        build(empty, value)
        assert publish_views(empty, PLAN) == []
        assert values(empty) == [value]
        seen = [*seen, *(name for name in copies(empty) if name not in seen)]
    assert copies(empty) == seen[1:]
    comments = {row["col_name"]: row["comment"] for row in empty.sql(f"describe {TABLE}").collect()}
    assert comments == {"value": COMMENT}


def test_a_view_whose_table_is_gone_goes_too_and_others_are_told_of(empty: Session):
    from cxmetrics.engines.spark.publication import publish_views

    build(empty, 1, "old")
    old = Publication(("metrics",), frozenset({TABLE, "metrics.old"}), TABLE, {})
    publish_views(empty, old)
    assert values(empty, "metrics.old") == [1]
    notes = publish_views(empty, PLAN)
    assert notes == ["metrics.old is in the build and no model describes it, so it was not published"]
    assert [row["tableName"] for row in empty.sql("show tables in metrics").collect()] == ["metric_values"]


def test_a_build_that_is_not_to_be_published_leaves_the_views_and_no_copy(empty: Session):
    from cxmetrics.engines.spark.publication import publish_views

    build(empty, 1)
    publish_views(empty, PLAN)
    before = copies(empty)
    empty.sql("drop table build_metrics.metric_values")
    with pytest.raises(BuildFailed, match="missing from the build"):
        publish_views(empty, PLAN)
    empty.sql("create table build_metrics.metric_values using parquet as select 1 as value where 1 = 0")
    with pytest.raises(BuildFailed, match="has no row"):
        publish_views(empty, PLAN)
    assert (values(empty), copies(empty)) == ([1], before)
