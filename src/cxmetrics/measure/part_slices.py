"""Values by a slice that only a part of a metric knows.

Contacts have a cause stage, the customers they are set against have none. For such a slice ``part_slices`` of the
metric names the blocks that stand in for the known part; all other blocks stay those of the whole period. So the values
of the slice add up to the value of all, wherever the metric adds up in that part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxmetrics.definitions.metric import DerivedDefinition, RatioDefinition
from cxmetrics.errors import CxError
from cxmetrics.measure.intervals import bounds

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question


def part_slice(metric: Metric, question: Question) -> str | None:
    """The slice of the question that only a part of the metric knows, if any. Raises CxError when there are two."""
    found = [name for name in question.by if name in metric.meta.partial_dimensions]
    if len(found) > 1:
        raise CxError(
            f"{metric.name} can be sliced by one of these at a time", got=", ".join(found), next_step=f"--by {found[0]}"
        )
    return found[0] if found else None


def part_rows(semantics: Semantics, metric: Metric, question: Question, name: str, double: str) -> str:
    """A query like that of ``measures``, for one metric by its part slice ``name``.

    Raises CxError for other slices and filters that the part and the whole do not both have.
    """
    stand_ins = metric.meta.partial_dimensions[name]
    kept = [block for block in metric.blocks if block not in stand_ins]
    shared = tuple(other for other in question.by if other != name)
    _require_shared(semantics, metric, name, [*stand_ins.values()], kept, [*shared, *question.filtered])
    asked = (question.where, question.since, question.until)
    part = semantics.sql([*stand_ins.values()], question.grain, question.by, *asked)
    whole = semantics.sql(kept, question.grain, shared, *asked)
    known = [f"{stand_in} as {block}" for block, stand_in in stand_ins.items()]
    nothing = [f"null as {block}" for block in stand_ins]
    same = [key for key in question.keys if key != name]
    over = f"partition by {', '.join(same)}" if same else ""
    low, high = bounds(metric.meta.interval, double)
    # A window and no join: keys may be null, and null equals null in a partition of every engine.
    return f"""with both_parts as (
    select {_listed([*same, name, *known, *(f"null as {block}" for block in kept)])}, 1 as is_part
    from (
{part}
    ) as part
    union all
    select {_listed([*same, f"null as {name}", *nothing, *kept])}, 0 as is_part
    from (
{whole}
    ) as whole
),
answer as (
    select {_listed([*same, name, *stand_ins, *(f"max({block}) over ({over}) as {block}" for block in kept)])}, is_part
    from both_parts
)
select '{metric.name}' as metric, {_listed([*question.keys])}, cast({_value(metric, double)} as {double}) as value,
    cast({metric.meta.sample} as bigint) as n, {low} as ci_low, {high} as ci_high,
    cast(null as {double}) as response_rate
from answer
where is_part = 1"""  # noqa: S608 (names of the project's own definitions)


def _value(metric: Metric, double: str) -> str:
    """The metric over columns named like its blocks."""
    if isinstance(metric.definition, RatioDefinition):
        numerator, denominator = (f"cast({name} as {double})" for name in metric.inputs)
        return f"{numerator} / nullif({denominator}, 0)"
    if isinstance(metric.definition, DerivedDefinition):
        return metric.definition.expr
    raise CxError(
        f"{metric.name} is neither a ratio nor derived, so nothing can stand in for a part of it",
        file=metric.file,
        line=metric.line_of("part_slices"),
    )


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(columns)


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
