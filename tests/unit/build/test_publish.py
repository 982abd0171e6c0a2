import pytest

from cxmetrics.build.publish import publish
from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.errors import BuildFailed
from cxmetrics.published.schema import METRIC_VALUES
from support.publishable import engine, published, set_sources, set_values

__all__ = ["engine"]


def test_marts_and_metrics_are_published_and_nothing_else(engine: DuckDBEngine, cx_project: Project):
    assert publish(cx_project, engine) == []
    tables = published(engine, "select table_schema || '.' || table_name from information_schema.tables")
    assert {("service.fct_tickets",), ("metrics.metric_values",), ("metrics.dim_dates",)} <= set(tables)
    assert not [name for (name,) in tables if name.split(".")[0] not in ("service", "experience", "journey", "metrics")]
    assert ("service.looking_in",) not in tables
    assert published(engine, 'select count(*) from "cx"."service"."fct_tickets"') == [(43,)]
    assert {file.name for file in engine.published_file.parent.iterdir()} == {"build", "cx.duckdb"}


def test_columns_are_published_with_their_descriptions(engine: DuckDBEngine, cx_project: Project):
    publish(cx_project, engine)
    comments = dict(
        published(engine, "select table_name || '.' || column_name, comment from duckdb_columns() where comment <> ''")
    )
    assert comments["metric_values.n"] == METRIC_VALUES.columns["n"].description
    described = cx_project.models()["fct_tickets"].column("is_reopened").description
    assert comments["fct_tickets.is_reopened"] == described


def test_a_build_without_metric_values_is_not_published(engine: DuckDBEngine, cx_project: Project):
    publish(cx_project, engine)
    before = engine.published_file.read_bytes()
    with engine.building() as connection:
        connection.execute("delete from metrics.metric_values")
    with pytest.raises(BuildFailed, match="has no row"):
        publish(cx_project, engine)
    with engine.building() as connection:
        connection.execute("drop table metrics.metric_values")
    with pytest.raises(BuildFailed, match="missing from the build"):
        publish(cx_project, engine)
    assert engine.published_file.read_bytes() == before
    assert not list(engine.published_file.parent.glob("*.publishing"))


def test_a_mart_that_was_not_built_is_named(engine: DuckDBEngine, cx_project: Project):
    with engine.building() as connection:
        connection.execute("drop table service.fct_tickets")
    with pytest.raises(BuildFailed, match=r"service\.fct_tickets is missing from the build"):
        publish(cx_project, engine)
    assert not engine.published_file.exists()


def test_what_a_model_left_that_is_gone_is_not_published_and_said(engine: DuckDBEngine, cx_project: Project):
    with engine.building() as connection:
        connection.execute("create table service.fct_of_yesterday as select 1 as a")
    notes = publish(cx_project, engine)
    assert len(notes) == 1
    assert notes[0].startswith("service.fct_of_yesterday is in the build and no model describes it")
    assert not published(engine, "select 1 from duckdb_tables() where table_name = 'fct_of_yesterday'")


def test_a_metric_without_any_row_is_named(engine: DuckDBEngine, cx_project: Project):
    with engine.building() as connection:
        connection.execute("delete from metrics.metric_values where metric = 'contact_rate'")
    with pytest.raises(BuildFailed, match=r"no row of contact_rate in metrics\.metric_values"):
        publish(cx_project, engine)
    assert not engine.published_file.exists()


def test_a_metric_that_lost_its_data_stops_the_publication_unless_that_is_allowed(
    engine: DuckDBEngine, cx_project: Project
):
    set_values(engine, cx_project, "reopen_rate", "contact_rate")
    assert publish(cx_project, engine) == []
    before = engine.published_file.read_bytes()
    set_values(engine, cx_project, "reopen_rate", "resolution_time")
    with pytest.raises(BuildFailed, match=r"had data before have none now: contact_rate\n") as failed:
        publish(cx_project, engine)
    assert "--allow-missing" in failed.value.next_step
    assert engine.published_file.read_bytes() == before
    notes = publish(cx_project, engine, allow_missing=True)
    assert notes == ["metrics that had data before have none now: contact_rate; published as --allow-missing says"]
    assert publish(cx_project, engine) == []


def test_a_source_that_is_no_longer_read_may_take_its_metrics_along(engine: DuckDBEngine, cx_project: Project):
    set_sources(engine, "canonical", "servicenow")
    set_values(engine, cx_project, "reopen_rate", "contact_rate")
    publish(cx_project, engine)
    set_sources(engine, "canonical")
    set_values(engine, cx_project, "reopen_rate")
    (note,) = publish(cx_project, engine)
    assert note.endswith("contact_rate; published because the build no longer reads servicenow")
    # A source more explains nothing.
    set_sources(engine, "canonical", "servicenow")
    set_values(engine, cx_project)
    with pytest.raises(BuildFailed, match="none now: reopen_rate"):
        publish(cx_project, engine)


@pytest.mark.parametrize(("before", "after"), [(True, False), (True, True), (False, True)])
def test_data_that_call_themselves_synthetic_excuse_nothing(
    engine: DuckDBEngine, cx_project: Project, before: bool, after: bool
):
    set_sources(engine, "canonical", is_synthetic=before)
    publish(cx_project, engine)
    set_sources(engine, "canonical", is_synthetic=after)
    set_values(engine, cx_project)
    with pytest.raises(BuildFailed, match="none now: reopen_rate") as caught:
        publish(cx_project, engine)
    # Who goes on from the demo to data of their own reads what to do.
    assert ("synthetic data" in str(caught.value.next_step)) is (before and not after)
    assert "as --allow-missing says" in publish(cx_project, engine, allow_missing=True)[0]


def test_what_was_published_and_cannot_be_read_is_replaced_and_said(engine: DuckDBEngine, cx_project: Project):
    engine.published_file.write_bytes(b"no database")
    (note,) = publish(cx_project, engine)
    assert "nothing was compared with it" in note
    assert published(engine, "select count(*) from service.fct_tickets") == [(43,)]


def test_holidays_that_end_before_the_data_are_said_with_schedule_and_day(engine: DuckDBEngine, cx_project: Project):
    with engine.building() as connection:
        connection.execute(
            "insert into metrics.business_schedules values ('late', 'Europe/Berlin', 3, date '2026-01-01', true),"
            " ('support', 'Europe/Berlin', 9, date '2027-05-17', false), ('always', 'UTC', 1, null, false)"
        )
    (note,) = publish(cx_project, engine)
    assert "the schedule late " in note and "2026-01-01" in note
