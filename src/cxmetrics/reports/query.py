"""What ``cx query`` answers: any metrics by any period, slices and filters, from what was published last."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxmetrics.measure.measures import Question, SqlTypes, measures
from cxmetrics.measure.metric_values import (
    ALL,
    AS_OF,
    BUILD_INFO,
    DAYS,
    RESPONSE,
    UNKNOWN,
    definitions_sql,
    has_data,
    literal,
    periods_sql,
    status_sql,
)
from cxmetrics.measure.small_cells import LEAST_SHOWN, is_about_a_person, shown

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.compiler import Semantics


@dataclass(frozen=True)
class BuildInfo:
    """What the published numbers rest on."""

    as_of: datetime.datetime
    sources: str
    is_invented: bool
    version: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "as_of": self.as_of.isoformat(sep=" "),
            "sources": self.sources,
            "is_invented": self.is_invented,
            "version": self.version,
        }


def build_info(connection: Any) -> BuildInfo:
    """The one row of ``metrics.build_info``."""
    row = connection.execute(f"select as_of, sources, is_invented, version from {BUILD_INFO}").fetchone()  # noqa: S608
    return BuildInfo(*row)


def answer_sql(semantics: Semantics, metrics: Sequence[Metric], question: Question, types: SqlTypes) -> str:
    """A query with the columns metric, the question's keys, value, n, ci_low, ci_high, response_rate, low_response,
    status and unit.

    Without slices there is a row for every metric and period of the data in the range, with a status; with slices,
    for every combination that has data. Sorted by metric as asked, period, slices. Raises CxError like ``measures``.
    """
    question = question.widened()
    answered = measures(semantics, metrics, question, types.double)
    order = " ".join(f"when {literal(metric.name)} then {position}" for position, metric in enumerate(metrics))
    return f"""with definitions as ({definitions_sql(metrics)}),
periods as (select grain, period_start as starts_on, ends_at from ({periods_sql(DAYS)}) as spine
    where {_in_range(question)}),
answered as (select * from ({answered}) as measured where {has_data(metrics)}),
cells as ({_cells(question, types)}),
judged as (
    select cells.*, {status_sql("cells", "definitions", "build.as_of")} as status, definitions.unit,
        definitions.response_floor
    from cells
    inner join definitions on cells.metric = definitions.metric
    cross join {AS_OF} as build
)
select metric, {"".join(f"{key}, " for key in question.keys)}{shown("value")}, coalesce(n, 0) as n,
    {shown("ci_low")}, {shown("ci_high")}, {RESPONSE}, status, unit
from judged
order by case metric {order} end{"".join(f", {key}" for key in question.keys)}"""  # noqa: S608


def _in_range(question: Question) -> str:
    """Which periods of the spine are asked about; all time has one period whatever the range."""
    conditions = [f"grain = '{question.grain or ALL}'"]
    if question.grain and question.since:
        conditions.append(f"period_start >= cast({literal(question.since)} as date)")
    if question.grain and question.until:
        conditions.append(f"period_start <= cast({literal(question.until)} as date)")
    return " and ".join(conditions)


def _cells(question: Question, types: SqlTypes) -> str:
    same = "periods.starts_on = answered.period_start" if question.grain else "1 = 1"
    period = "periods.starts_on as period_start, " if question.grain else ""
    is_suppressed = f"answered.n < {LEAST_SHOWN}" if is_about_a_person([*question.by, *question.filtered]) else "false"
    measured = (
        "answered.value, answered.n, answered.ci_low, answered.ci_high, answered.response_rate, periods.ends_at,"
        f" {is_suppressed} as is_suppressed"
    )
    if not question.by:
        return (
            f"select definitions.metric, {period}{measured} from definitions cross join periods"  # noqa: S608
            f" left join answered on definitions.metric = answered.metric and {same}"
        )
    slices = "".join(
        f"coalesce(cast(answered.{name} as {types.text}), '{UNKNOWN}') as {name}, " for name in question.by
    )
    return f"select answered.metric, {period}{slices}{measured} from answered inner join periods on {same}"  # noqa: S608
