"""Full counts: how many in a period (tickets created), or how many at its end (tickets open).

A count differs from every other metric in that zero is a value: from the first row of the data on, a period in which
nothing happened has it. And the state at the end of a period is the running total of the changes up to then. MetricFlow
joins every change to every later day for it, which takes seconds per dimension, and without a period it adds up the
days of the spine as well. Here the changes are summed by period and then added up, which gives what MetricFlow gives
for a period (a test says so), and the state at the as-of date for all time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxmetrics.engines.quoting import literal
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.measure.sql import after, columns, first_day_sql

if TYPE_CHECKING:
    import datetime

    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question


def counts(semantics: Semantics, metric: Metric, question: Question, double: str) -> Sql:
    """A query with one row per combination of ``question.keys`` from its first row on; columns as ``measures``.

    n is the value: a full count has no sample. Raises CxError like ``Semantics.sql``.
    """
    block = metric.inputs[0]
    # What happened before the range is part of the state in it, and makes its zeros known.
    changes = semantics.sql([block], question.grain, question.by, question.where, None, question.until)
    keys = columns(question.by)
    if question.grain is None:
        total = sql(
            "select {keys}{block} as total from (\n{changes}\n) as changed", keys=keys, block=block, changes=changes
        )
        return _as_measures(metric, question, total, double)
    so_far = _so_far(question)
    totals = sql(
        """with changed as (
{changes}
),
moves as (
    select period_start, {keys}{block} as moved, 1 as is_change from changed
    union all
    select days.period_start, {combined}0, 0
    from (select distinct {period_start} as period_start
        from {days}{until}) as days
    cross join (select {combinations}) as combinations
),
by_period as (
    select period_start, {keys}sum(moved) as moved, sum(is_change) as changes
    from moves
    group by period_start{by}
)
select period_start, {keys}{total} as total, sum(changes) over {so_far} as changes
from by_period""",
        changes=changes,
        keys=keys,
        by=after(question.by),
        block=block,
        combined=columns(f"combinations.{name}" for name in question.by),
        combinations=_combinations(question),
        period_start=first_day_sql(question.grain, "date_day", semantics.calendar),
        days=semantics.days,
        until=_bound(" where date_day <= cast({day} as date)", question.until),
        total=sql("sum(moved) over {so_far}", so_far=so_far) if metric.type == "cumulative" else "moved",
        so_far=so_far,
    )
    since = _bound(" and period_start >= cast({day} as date)", question.since)
    wanted = sql("select * from (\n{totals}\n) as totals where changes > 0{since}", totals=totals, since=since)
    return _as_measures(metric, question, wanted, double)


def _combinations(question: Question) -> Sql:
    if not question.by:
        return Sql("1 as everything")
    return sql("distinct {by} from changed", by=joined(question.by))


def _bound(condition: str, day: datetime.date | None) -> Sql:
    """The condition on a day, which no engine needs escaped; nothing when there is no such day."""
    return sql(condition, day=literal(day)) if day else Sql()


def _so_far(question: Question) -> Sql:
    partition = sql("partition by {by} ", by=joined(question.by)) if question.by else Sql()
    return sql(
        "({partition}order by period_start rows between unbounded preceding and current row)", partition=partition
    )


def _as_measures(metric: Metric, question: Question, totals: Sql, double: str) -> Sql:
    return sql(
        """select '{metric}' as metric, {keys}cast(total as {double}) as value, cast(total as bigint) as n,
    cast(null as {double}) as ci_low, cast(null as {double}) as ci_high, cast(null as {double}) as response_rate
from (
{totals}
) as counted""",
        metric=metric.name,
        keys=columns(question.keys),
        double=double,
        totals=totals,
    )
