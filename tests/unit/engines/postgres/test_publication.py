"""Fresh schemas take the names of the published ones."""

from __future__ import annotations

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.interface import Publication
from cxmetrics.errors import BuildFailed
from support.parsed_project import ROOT
from support.postgres_server import Server, postgres

__all__ = ["postgres"]

TABLE = "metrics.metric_values"
COMMENT = "it's \\ a 'value'"
PLAN = Publication(("metrics",), frozenset({TABLE}), TABLE, {TABLE: {"": "Values.", 'va"lue': COMMENT}})


def build(server: Server, value: int) -> None:
    """What dbt and metric values leave: one table, and a view that is not published."""
    with server.connected() as connection:
        connection.execute("drop schema if exists build_metrics cascade; create schema build_metrics")
        connection.execute(f'create table build_metrics.metric_values as select {value} as "va""lue"')
        connection.execute("create view build_metrics.looking as select 1 as a")


def publish(server: Server, plan: Publication = PLAN) -> list[str]:
    return server.engine(Project(ROOT)).publish(plan)


def values(server: Server) -> list[tuple]:
    return server.query(f"select * from {TABLE}")  # noqa: S608


def schemas(server: Server) -> set[str]:
    found = server.query("select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'")
    return {name for (name,) in found}


def test_a_publication_takes_the_place_of_the_one_before_and_leaves_nothing_else(postgres: Server):
    for value in (1, 2):
        build(postgres, value)
        assert publish(postgres) == []
        assert values(postgres) == [(value,)]
    assert schemas(postgres) == {"public", "build_metrics", "metrics"}
    assert postgres.query("select tablename from pg_tables where schemaname = 'metrics'") == [("metric_values",)]
    assert postgres.query(f"select col_description('{TABLE}'::regclass, 1)") == [(COMMENT,)]


def test_a_build_that_is_not_to_be_published_leaves_the_one_before(postgres: Server):
    build(postgres, 1)
    publish(postgres)
    missing = Publication(("metrics",), frozenset({TABLE, "metrics.build_info"}), TABLE, {})
    with pytest.raises(BuildFailed, match=r"metrics\.build_info is missing from the build"):
        publish(postgres, missing)
    with postgres.connected() as connection:
        connection.execute("delete from build_metrics.metric_values")
    with pytest.raises(BuildFailed, match="has no row"):
        publish(postgres)
    assert values(postgres) == [(1,)]
    assert schemas(postgres) == {"public", "build_metrics", "metrics"}


def test_tables_that_somebody_still_reads_are_removed_later(postgres: Server):
    build(postgres, 1)
    publish(postgres)
    with postgres.connected() as reader:
        with reader.transaction():
            assert reader.execute(f"select * from {TABLE}").fetchall() == [(1,)]  # noqa: S608
            build(postgres, 2)
            publish(postgres)
            assert any(name.startswith("cx_replaced_") for name in schemas(postgres))
        assert reader.execute(f"select * from {TABLE}").fetchall() == [(2,)]  # noqa: S608
    publish(postgres)
    assert schemas(postgres) == {"public", "build_metrics", "metrics"}


def test_a_schema_of_others_and_a_view_of_others_are_left_alone(postgres: Server):
    build(postgres, 1)
    with postgres.connected() as connection:
        connection.execute("create schema metrics")
    with pytest.raises(BuildFailed, match="a schema metrics that cxmetrics did not make"):
        publish(postgres)
    with postgres.connected() as connection:
        connection.execute("drop schema metrics")
    publish(postgres)
    with postgres.connected() as connection:
        connection.execute("create view public.theirs as select * from metrics.metric_values")
    with pytest.raises(BuildFailed, match=r"would be lost with them: theirs"):
        publish(postgres)
    assert postgres.query("select * from public.theirs") == [(1,)]


def test_the_role_of_readers_is_made_and_reads_what_is_published_alone(postgres: Server):
    build(postgres, 1)
    publish(postgres)
    table, schema = f"has_table_privilege('{postgres.reader}', '{TABLE}', 'select')", "has_schema_privilege"
    assert postgres.query(
        f"select {table}, {schema}('{postgres.reader}', 'metrics', 'usage'),"
        f" {schema}('{postgres.reader}', 'build_metrics', 'usage')"
    ) == [(True, True, False)]
