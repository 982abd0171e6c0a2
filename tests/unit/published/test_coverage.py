"""What people are told of tables that ended."""

from __future__ import annotations

import datetime

import duckdb

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.published.coverage import EndedTable, ended_sentences, read_ended

JUNE = datetime.date(2026, 6, 14)


def test_an_ended_table_names_the_sources_that_go_on():
    with duckdb.connect(":memory:") as connection:
        connection.execute("create schema metrics")
        connection.execute(
            "create table metrics.source_coverage as select * from (values"
            " ('desk', 'tickets', date '2026-06-14', true, false),"
            " ('other', 'tickets', date '2026-12-31', false, false),"
            " ('desk', 'orders', date '2026-12-31', false, false)"
            ") as rows(source, table_name, ends_on, has_ended, is_replaced)"
        )
        ended = read_ended(connection, DuckDBEngine.relation("metrics", "source_coverage"))
    assert ended == [EndedTable("desk", "tickets", JUNE, False, ("other",))]


def test_the_sentence_says_since_when_and_which_metrics(cx_project: Project):
    metrics = cx_project.metrics().values()
    (alone,) = ended_sentences([EndedTable("desk", "help_sessions", JUNE, False, ())], metrics)
    assert alone.startswith("desk has no help_sessions after 14 June 2026: later periods have no data")
    assert "self_service_resolution_rate" in alone
    (one_of_two,) = ended_sentences([EndedTable("desk", "vendor_scores", JUNE, False, ("other",))], metrics)
    assert "other still has some: later periods are partial in tethr_agent_impact_score" in one_of_two
    (replaced,) = ended_sentences([EndedTable("desk", "vendor_scores", JUNE, True, ())], metrics)
    assert "took over" in replaced
