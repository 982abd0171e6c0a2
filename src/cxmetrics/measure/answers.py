"""What ``cx query`` asks: any metrics by any period, dimensions and filters, from what was published last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.measure.judgement import definitions_sql, judged, needed_sql, periods_sql
from cxmetrics.measure.measures import has_data, measures
from cxmetrics.measure.pooling import require_parts
from cxmetrics.measure.small_cells import persons, smallest_group
from cxmetrics.published.schema import ALL, BUILD_AS_OF, DAYS, SOURCE_COVERAGE

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.people import People
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question
    from cxmetrics.measure.sql import SqlTypes


def answer_sql(
    semantics: Semantics, metrics: Sequence[Metric], question: Question, people: People, types: SqlTypes
) -> Sql:
    """A query with the columns metric, the question's keys, value, n, ci_low, ci_high, response_rate, low_response,
    ``BASELINE_COLUMNS``, series_break, status and unit.

    Without a dimension there is a row for every metric and period of the data in the range, with a status; with some,
    for every combination that has data. Sorted by metric as asked, period, dimensions. Raises CxError like
    ``measures``, for a grain that a metric does not declare, for parts that have no common meaning, and for values by
    agent where the project publishes none.
    """
    for metric in metrics:
        _require_grain(metric, question.grain or ALL)
        require_parts(metric, question)
    names = [metric.name for metric in metrics]
    asked = [name for metric in metrics for name in metric.asked]
    least = smallest_group(people, persons(semantics, asked, question))
    question = question.widened(semantics.calendar)
    return judged(
        "answers",
        definitions=definitions_sql(metrics, types),
        periods=periods_sql(DAYS, semantics.calendar),
        days=DAYS,
        in_range=_in_range(question, types),
        measures=measures(semantics, metrics, question, types.double),
        has_data=has_data(metrics),
        has_period=question.grain is not None,
        dimensions=question.by,
        keys=question.keys,
        metrics=names,
        smallest_group=least,
        needed=needed_sql(metrics, types),
        source_coverage=SOURCE_COVERAGE,
        build_as_of=BUILD_AS_OF,
        text=types.text,
    )


def _require_grain(metric: Metric, grain: str) -> None:
    """What a metric does not declare may still be computed, and be another number: a mean of monthly rates is no churn
    rate of a year."""
    if grain not in metric.meta.grains:
        allowed = metric.meta.grains
        what = f"{metric.name} has no values by this grain"
        raise CxError(what, got=grain, allowed=allowed, next_step=f"cx query {metric.name} --grain {allowed[0]}")


def _in_range(question: Question, types: SqlTypes) -> Sql:
    """Which periods of the spine are asked about; all time has one period whatever the range."""
    conditions = [sql("grain = {grain}", grain=types.literal(question.grain or ALL))]
    if question.grain and question.since:
        conditions.append(sql("period_start >= cast({day} as date)", day=types.literal(str(question.since))))
    if question.grain and question.until:
        conditions.append(sql("period_start <= cast({day} as date)", day=types.literal(str(question.until))))
    return joined(conditions, " and ")
