"""Values by a dimension that only a part of a metric knows.

Contacts have a cause stage, the customers they are set against have none. For such a dimension, a metric's
``partial_dimensions`` names the blocks that stand in for the known part; all other blocks stay those of the whole
period. A value of the dimension that has no part of a period has 0 there. So the values of the dimension add up to the
value of all, wherever the metric adds up in that part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxmetrics.definitions.metric import DerivedDefinition, RatioDefinition
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.measure.intervals import bounds
from cxmetrics.measure.sql import columns

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question


def partial_dimension(metric: Metric, question: Question) -> str | None:
    """The dimension of the question that only a part of the metric knows, if any. Raises CxError when there are two."""
    found = [name for name in question.by if name in metric.meta.partial_dimensions]
    if len(found) > 1:
        raise CxError(
            f"{metric.name} can be sliced by one of these at a time", got=", ".join(found), next_step=f"--by {found[0]}"
        )
    return found[0] if found else None


def part_rows(semantics: Semantics, metric: Metric, question: Question, name: str, double: str) -> Sql:
    """A query like that of ``measures``, for one metric by its partial dimension ``name``.

    Raises CxError for other dimensions and filters that the part and the whole do not both have.
    """
    substitutes = metric.meta.partial_dimensions[name]
    kept = [block for block in metric.blocks if block not in substitutes]
    shared = tuple(other for other in question.by if other != name)
    _require_shared(semantics, metric, name, [*substitutes.values()], kept, [*shared, *question.filtered])
    asked = (question.where, question.since, question.until)
    part = semantics.sql([*substitutes.values()], question.grain, question.by, *asked)
    # Every value that any part has: where one has no part of a period, nothing is its part, and not unknown.
    values = semantics.sql([*substitutes.values()], None, (name,))
    whole = semantics.sql(kept, question.grain, shared, *asked)
    known = [sql("{part} as {block}", part=substitute, block=block) for block, substitute in substitutes.items()]
    zeros = [sql("0 as {block}", block=block) for block in substitutes]
    sums = [sql("sum({block}) as {block}", block=block) for block in substitutes]
    same = [key for key in question.keys if key != name]
    over = sql("partition by {keys}", keys=joined(same)) if same else Sql()
    of_whole = [sql("max({block}) over ({over}) as {block}", block=block, over=over) for block in kept]
    low, high = bounds(metric.meta.interval, double)
    # A window and no join: keys may be null, and null equals null in a partition of every engine.
    return sql(
        """with whole as (
{whole}
),
parts as (
    select {same}{name}, {sums}
    from (
        select {same}{name}, {known}
        from (
{part}
        ) as part
        union all
        select {same}known_values.{name}, {zeros}
        from whole
        cross join (
{values}
        ) as known_values
    ) as parts_and_zeros
    group by {same}{name}
),
both_parts as (
    select {of_part}, 1 as is_part from parts
    union all
    select {of_whole}, 0 as is_part from whole
),
answer as (
    select {of_both}, is_part
    from both_parts
)
select '{metric}' as metric, {keys}, cast({value} as {double}) as value,
    cast({sample} as bigint) as n, {low} as ci_low, {high} as ci_high,
    cast(null as {double}) as response_rate
from answer
where is_part = 1""",
        same=columns(same),
        name=name,
        sums=joined(sums),
        known=joined(known),
        zeros=joined(zeros),
        values=values,
        of_part=joined([*same, name, *substitutes, *_nulls(kept)]),
        part=part,
        of_whole=joined([*same, *_nulls([name, *substitutes]), *kept]),
        whole=whole,
        of_both=joined([*same, name, *substitutes, *of_whole]),
        metric=metric.name,
        keys=joined(question.keys),
        value=_value(metric, double),
        double=double,
        sample=metric.meta.sample,
        low=low,
        high=high,
    )


def _value(metric: Metric, double: str) -> Sql:
    """The metric over columns named like its blocks."""
    if isinstance(metric.definition, RatioDefinition):
        numerator, denominator = metric.inputs
        terms = {"numerator": numerator, "denominator": denominator, "double": double}
        return sql("cast({numerator} as {double}) / nullif(cast({denominator} as {double}), 0)", **terms)
    if isinstance(metric.definition, DerivedDefinition):
        return Sql(metric.definition.expr)
    raise CxError(
        f"{metric.name} is neither a ratio nor derived, so nothing can stand in for a part of it",
        file=metric.file,
        line=metric.line_of("partial_dimensions"),
    )


def _nulls(names: Sequence[str]) -> list[Sql]:
    return [sql("null as {name}", name=name) for name in names]


def _require_shared(
    semantics: Semantics, metric: Metric, name: str, part: Sequence[str], whole: Sequence[str], others: Sequence[str]
) -> None:
    reached = [{item.element for item in semantics.group_bys(blocks)} for blocks in (part, whole)]
    for other in others:
        if other.split("__")[-1] not in reached[0] & reached[1]:
            raise CxError(
                f"{metric.name} by {name} can only be sliced and filtered by what its {metric.meta.sample} have too",
                got=other,
                allowed=sorted(reached[0] & reached[1]),
            )
