"""Fresh schemas take the names of the published ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("psycopg")

from cxmetrics.definitions.project import Project
from cxmetrics.engines.interface import Publication
from cxmetrics.engines.postgres.publication import MARK
from cxmetrics.errors import BuildFailed, CxError
from support.parsed_project import ROOT
from support.postgres_server import Server, postgres

__all__ = ["postgres"]

TABLE, VALUES = "metrics.metric_values", "select * from metrics.metric_values"
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
    return server.query(VALUES)


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
            assert reader.execute(VALUES).fetchall() == [(1,)]
            build(postgres, 2)
            publish(postgres)
            assert any(name.startswith("cx_replaced_") for name in schemas(postgres))
        assert reader.execute(VALUES).fetchall() == [(2,)]
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
        connection.execute("create schema mine; create view mine.looking as select * from metrics.metric_values")
    with pytest.raises(BuildFailed, match=rf"would be lost with them: mine\.looking of {postgres.builder}"):
        publish(postgres)
    assert postgres.query("select * from mine.looking") == [(1,)]


def test_readers_are_granted_what_is_published_alone(postgres: Server):
    build(postgres, 1)
    publish(postgres)
    table, schema = f"has_table_privilege('{postgres.reader}', '{TABLE}', 'select')", "has_schema_privilege"
    assert postgres.query(
        f"select {table}, {schema}('{postgres.reader}', 'metrics', 'usage'),"
        f" {schema}('{postgres.reader}', 'build_metrics', 'usage')"
    ) == [(True, True, False)]


def test_without_the_role_of_readers_nobody_is_granted_anything_and_no_role_is_made(postgres: Server):
    build(postgres, 1)
    (note,) = postgres.engine(Project(ROOT), reader=f"{postgres.database}_others").publish(PLAN)
    assert f"the role {postgres.database}_others does not exist, so nobody was granted anything" in note
    with postgres.connected() as connection:
        found = connection.execute("select 1 from pg_roles where rolname = %s", [f"{postgres.database}_others"])
        assert found.fetchall() == []


INFO = Publication(("metrics",), frozenset({TABLE, "metrics.build_info"}), TABLE, {})


def build_with_info(server: Server, value: int) -> None:
    build(server, value)
    with server.connected() as connection:
        connection.execute(f"create table build_metrics.build_info as select {value} as build")


def test_a_reader_of_one_build_is_waited_for_but_not_for_ever(postgres: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cxmetrics.engines.postgres.publication.PATIENCE_SECONDS", 0.1)
    build_with_info(postgres, 1)
    assert publish(postgres, INFO) == []
    build_with_info(postgres, 2)
    engine = postgres.engine(Project(ROOT))
    with pytest.raises(CxError, match="a build was published while the one before was read"), engine.published() as one:
        assert one.execute(VALUES).fetchall() == [(1,)]
        (note,) = publish(postgres, INFO)
        assert note.startswith("published while what was there before was still read: session ")
        assert note.endswith(f" of {postgres.asker}")
    with engine.published() as one:
        assert one.execute(VALUES).fetchall() == [(2,)]


def test_a_reader_that_ends_in_time_is_waited_for(postgres: Server):
    build_with_info(postgres, 1)
    publish(postgres, INFO)
    build_with_info(postgres, 2)
    engine = postgres.engine(Project(ROOT))
    with ThreadPoolExecutor(max_workers=1) as threads:
        with engine.published() as reader:
            publishing = threads.submit(publish, postgres, INFO)
            waits = "select count(*) from pg_locks where not granted and mode = 'AccessExclusiveLock'"
            while postgres.query(waits) == [(0,)]:
                assert not publishing.done()
            assert reader.execute("select build from metrics.build_info").fetchall() == [(1,)]
        assert publishing.result() == []


def test_what_somebody_else_made_to_look_like_ours_is_left_alone(postgres: Server):
    build(postgres, 1)
    publish(postgres)
    with postgres.administrator() as other:
        other_role = other.info.user
        for schema in ("cx_replaced_0_metrics", "service"):
            other.execute(f"create schema {schema}; comment on schema {schema} is '{MARK}'")
    build(postgres, 2)
    assert publish(postgres) == []
    assert values(postgres) == [(2,)]
    plan = Publication(("metrics", "service"), frozenset({TABLE}), TABLE, {})
    said = f"a schema service that cxmetrics did not make and that belongs to {other_role}"
    with pytest.raises(BuildFailed, match=said) as refused:
        publish(postgres, plan)
    assert "alter schema service rename to" in refused.value.next_step
    assert "cx_replaced_0_metrics" in schemas(postgres)


def test_what_somebody_else_made_where_copies_are_made_is_named_with_its_owner(postgres: Server):
    build(postgres, 1)
    with postgres.administrator() as other:
        other_role = other.info.user
        other.execute("create schema cx_fresh_metrics; grant all on schema cx_fresh_metrics to public")
    with pytest.raises(CxError, match=f"a schema cx_fresh_metrics that belongs to {other_role}") as refused:
        publish(postgres)
    assert f'alter schema "cx_fresh_metrics" owner to "{postgres.builder}"' in refused.value.next_step
    assert schemas(postgres) == {"public", "build_metrics", "cx_fresh_metrics"}
