"""Full counts: how many in a period (tickets created), or how many at its end (tickets open).

A count differs from every other metric in that zero is a value: from the first row of the data on, a period in which
nothing happened has it. And the state at the end of a period is the running total of the changes up to then. MetricFlow
joins every change to every later day for it, which takes seconds per slice, and without a period it adds up the days of
the spine as well. Here the changes are summed by period and then added up, which gives what MetricFlow gives for a
period (a test says so), and the state at the as-of date for all time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxmetrics.measure.sql import columns

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question


def counts(semantics: Semantics, metric: Metric, question: Question, double: str) -> str:
    """A query with one row per combination of ``question.keys`` from its first row on; columns as ``measures``.

    n is the value: a full count has no sample. Raises CxError like ``Semantics.sql``.
    """
    block = metric.inputs[0]
    keys = columns(question.by)
    # What happened before the range is part of the state in it, and makes its zeros known.
    changes = semantics.sql([block], question.grain, question.by, question.where, None, question.until)
    if question.grain is None:
        total = f"select {keys}{block} as total from (\n{changes}\n) as changed"  # noqa: S608
        return _as_measures(metric, question, total, double)
    days = f"select distinct cast(date_trunc('{question.grain}', date_day) as date) as period_start\n        "
    days += f"from {semantics.days}"
    if question.until:
        days += f" where date_day <= cast('{question.until}' as date)"
    listed = f"distinct {', '.join(question.by)} from changed" if question.by else "1 as everything"
    total = f"sum(moved) over {_so_far(question)}" if metric.type == "cumulative" else "moved"
    totals = f"""with changed as (
{changes}
),
moves as (
    select period_start, {keys}{block} as moved, 1 as is_change from changed
    union all
    select days.period_start, {"".join(f"combinations.{name}, " for name in question.by)}0, 0
    from ({days}) as days
    cross join (select {listed}) as combinations
),
by_period as (
    select period_start, {keys}sum(moved) as moved, sum(is_change) as changes
    from moves
    group by period_start{"".join(f", {name}" for name in question.by)}
)
select period_start, {keys}{total} as total, sum(changes) over {_so_far(question)} as changes
from by_period"""  # noqa: S608 (names of the project's own definitions)
    wanted = f"select * from (\n{totals}\n) as totals where changes > 0"  # noqa: S608
    if question.since:
        wanted += f" and period_start >= cast('{question.since}' as date)"
    return _as_measures(metric, question, wanted, double)


def _so_far(question: Question) -> str:
    partition = f"partition by {', '.join(question.by)} " if question.by else ""
    return f"({partition}order by period_start rows between unbounded preceding and current row)"


def _as_measures(metric: Metric, question: Question, totals: str, double: str) -> str:
    keys = columns(question.keys)
    nothing = f"cast(null as {double})"
    return f"""select '{metric.name}' as metric, {keys}cast(total as {double}) as value, cast(total as bigint) as n,
    {nothing} as ci_low, {nothing} as ci_high, {nothing} as response_rate
from (
{totals}
) as counted"""  # noqa: S608
