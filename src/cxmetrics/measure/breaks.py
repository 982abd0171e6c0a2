"""Where a series breaks: the values of a period and of the one before are not of the same thing.

Satisfied is 1 option of 2, 2 of 5 and 3 of 7, so the rate moves when a survey changes its scale, and nobody is more
satisfied. The mix of the metric's ``breaks_by`` in a period is compared with that of the period before it that has
answers, at the same dimension. A series breaks where the share of any of its values differs by more than ``LEAST`` and
by more than chance (z-test of two proportions with pooled variance), so that two scales in use side by side make no
break of every small sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.measure.baseline import ANSWER, BASELINE_COLUMNS, COUNTS
from cxmetrics.measure.intervals import Z
from cxmetrics.measure.sql import after, columns, listed_names, of_metric

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question

BREAK = "is_break"
# A shift of the mix by less than this share moves no rate by more.
LEAST = 0.1
# Behind a value that is not comparable with the one before, and what it means.
MARK = "‡"
LEGEND = f"{MARK} another mix of scales than in the period before: the change since then is not judged"
NUMBERS = (*ANSWER, *BASELINE_COLUMNS)


def with_breaks(semantics: Semantics, metrics: Sequence[Metric], question: Question, answers: Sql, double: str) -> Sql:
    """``answers`` with the column ``BREAK``: 1 where the mix of ``breaks_by`` changed, else null."""
    beside = list(_breaks(semantics, metrics, question, double)) if question.grain else []
    if not beside:
        template = "select unbroken.*, cast(null as bigint) as {name}\nfrom (\n{answers}\n) as unbroken"
        return sql(template, name=BREAK, answers=answers)
    keys = columns(question.keys)
    nothing = joined(
        sql("cast(null as {type}) as {name}", type="bigint" if name in COUNTS else double, name=name)
        for name in NUMBERS
    )
    parts = [
        sql(
            "select metric, {keys}{numbers}, cast(null as bigint) as {name} from (\n{answers}\n) as answered",
            keys=keys,
            numbers=joined(NUMBERS),
            name=BREAK,
            answers=answers,
        ),
        *(
            sql(
                "select metric, {keys}{nothing}, cast(1 as bigint) as {name} from (\n{rows}\n) as mixes",
                keys=keys,
                nothing=nothing,
                name=BREAK,
                rows=rows,
            )
            for rows in beside
        ),
    ]
    # Grouped rather than joined: keys may be null, and PostgreSQL cannot hash a join on "is not distinct from".
    return sql(
        """select metric, {keys}{most}
from (
{parts}
) as all_marks
group by metric{by}""",
        keys=keys,
        most=joined(sql("max({name}) as {name}", name=name) for name in (*NUMBERS, BREAK)),
        parts=joined(parts, "\nunion all\n"),
        by=after(question.keys),
    )


def _breaks(semantics: Semantics, metrics: Sequence[Metric], question: Question, double: str) -> Iterator[Sql]:
    """Queries with one row per metric and ``question.keys`` whose mix changed."""
    together: dict[tuple[str, tuple[str, ...]], list[Metric]] = {}
    for metric in metrics:
        ways = _ways(semantics, metric, question)
        if ways is not None:
            together.setdefault((str(metric.meta.breaks_by), ways), []).append(metric)
    for (dimension, _), group in together.items():
        samples = {metric.name: metric.meta.sample for metric in group}
        by = (*question.by, dimension)
        # The mix of the period before the range decides about its first one.
        blocks = list(dict.fromkeys(samples.values()))
        mixes = semantics.sql(blocks, question.grain, by, question.where, None, question.until)
        same = joined(["metric", *question.by])
        ranked = sql(
            """select metric, period_start{by}, kind, answers,
        dense_rank() over (partition by {same} order by period_start) as place
    from (
        select listed.metric, period_start{by}, {dimension} as kind, {answers} as answers
        from (
{mixes}
        ) as mix
        cross join ({names}) as listed
    ) as answered
    where answers > 0""",
            by=after(question.by),
            same=same,
            dimension=dimension,
            answers=of_metric(samples, double),
            mixes=mixes,
            names=listed_names(samples),
        )
        # Every period counts for itself, and as the one before the next.
        yield sql(
            """select metric, period_start{by}
from (
    select metric, period_start{by}, abs(now / all_now - before / all_before) as moved,
        (now + before) / (all_now + all_before) as pooled, 1.0 / all_now + 1.0 / all_before as spread
    from (
        select metric{by}, now, before, max(began) over ({every}) as period_start,
            sum(now) over ({every}) as all_now, sum(before) over ({every}) as all_before
        from (
            select metric{by}, place, kind, max(began) as began, sum(now) as now, sum(before) as before
            from (
                select metric{by}, kind, place, period_start as began, answers as now, cast(0 as {double}) as before
                from (
{ranked}
                ) as ranked
                union all
                select metric{by}, kind, place + 1 as place, cast(null as date) as began, cast(0 as {double}) as now,
                    answers as before
                from (
{ranked}
                ) as ranked_before
            ) as both_periods
            group by metric{by}, place, kind
        ) as kinds
    ) as shares
    where all_now > 0 and all_before > 0
) as changes
where moved > {least} and moved * moved > {zz} * pooled * (1.0 - pooled) * spread
group by metric, period_start{by}""",
            by=after(question.by),
            every=sql("partition by {same}, place", same=same),
            ranked=ranked,
            double=double,
            least=LEAST,
            zz=Z**2,
        )


def _ways(semantics: Semantics, metric: Metric, question: Question) -> tuple[str, ...] | None:
    """How the sample reaches the dimension and what is asked; None where it does not, or where each value stands for
    itself."""
    dimension = metric.meta.breaks_by
    if dimension is None or dimension in question.by:
        return None
    names = (dimension, *question.by, *question.filtered)
    try:
        return tuple(semantics.resolve(name, [metric.meta.sample]).dunder for name in names)
    except CxError:
        return None
