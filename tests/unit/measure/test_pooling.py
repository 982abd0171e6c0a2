"""A metric whose parts have no common meaning is asked by part, or for one of them."""

from typing import Any

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import sql
from cxmetrics.errors import CxError
from cxmetrics.measure.answers import answer_sql
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.metric_values import MEASURED, batches, metric_values_sql
from cxmetrics.measure.pooling import require_parts
from cxmetrics.measure.question import Question
from support.facts import create_measured, in_memory

CONVERSION = "stage_conversion_rate"


@pytest.mark.parametrize(
    "question",
    [
        Question(),
        Question("month", ("segment",)),
        Question(where=("segment = 'business'",)),
        Question(where=("stage != 'use'",)),
        Question(where=("stage in ('use', 'purchase')",)),
    ],
)
def test_a_question_over_all_parts_is_refused_with_what_to_add(
    cx_project: Project, semantics: Semantics, question: Question
):
    with pytest.raises(CxError, match="no value over all values of stage") as refused:
        answer_sql(semantics, [cx_project.metrics()[CONVERSION]], question, cx_project.people, DuckDBEngine)
    assert "--by stage" in refused.value.next_step


@pytest.mark.parametrize(
    "question",
    [
        Question(None, ("stage",)),
        Question("month", ("segment", "journey_stage__stage")),
        Question(where=("stage = 'use'",)),
        Question(where=("segment = 'business' and stage in ('use')",)),
    ],
)
def test_a_question_by_part_or_for_one_part_is_answered(cx_project: Project, question: Question):
    require_parts(cx_project.metrics()[CONVERSION], question)


def test_a_metric_that_pools_can_be_asked_anything(cx_project: Project):
    require_parts(cx_project.metrics()["revenue_renewal_rate"], Question())


def test_published_are_the_parts_and_a_row_without_a_value_for_all(cx_project: Project):
    metric = cx_project.metrics()[CONVERSION]
    asked = {batch.dimension for batch in batches([metric], cx_project.people)}
    assert asked == {"stage"}
    with in_memory(cx_project) as connection:
        create_measured(connection)
        rows = _published(cx_project, connection)
        assert {row["status"] for row in rows} == {"no_data"}
        part = "select ? as metric, 'month' as grain, date '2026-02-01' as period_start, 'stage' as dimension,"
        part += " 'use' as dimension_value, 0.5 as value, 40 as n"
        connection.execute(sql(f"insert into {{table}} by name {part}", table=MEASURED), [CONVERSION])
        rows = _published(cx_project, connection)
    parts = [row for row in rows if row["dimension"] == "stage"]
    assert [(row["value"], row["n"]) for row in parts] == [(0.5, 40)]
    pooled = [row for row in rows if row["dimension"] == "all"]
    assert {(row["value"], row["n"], row["target_status"]) for row in pooled} == {(None, 0, "none")}
    status = {(row["grain"], row["period_start"]): row["status"] for row in pooled}
    month = parts[0]["period_start"]
    assert status["month", month] == "not_pooled", "there are parts of that month"
    assert {found for (grain, start), found in status.items() if grain == "month" and start != month} == {"no_data"}
    assert {found for (grain, _), found in status.items() if grain == "day"} == {"not_pooled"}


def _published(project: Project, connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    found = connection.execute(metric_values_sql([project.metrics()[CONVERSION]], project.people, DuckDBEngine))
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
