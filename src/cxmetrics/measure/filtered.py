"""A metric's own filters, counted in everything that stands beside its value.

MetricFlow honours the filter of a metric, and of its numerator or denominator, in the value alone. n, the ends of the
interval and the response rate are computed from simple metrics, which have no such filter by themselves. So each of
them is replaced by a copy that has it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from cxmetrics.definitions.closed_model import ClosedModel
from cxmetrics.definitions.filters import Filters, part_filters, renamed
from cxmetrics.definitions.metric import DerivedDefinition, Input, Metric, RatioDefinition, SurvivalDefinition
from cxmetrics.engines.sql import Sql, sql, with_names
from cxmetrics.errors import CxError, known

if TYPE_CHECKING:
    from cxmetrics.measure.compiler import Semantics

Counts = TypeVar("Counts", bound=ClosedModel)


def filtered(semantics: Semantics, metric: Metric) -> Metric:
    """``metric`` made of simple metrics that have its filters; the metric itself when it has none.

    Its name still means the metric as declared, whose value MetricFlow computes. The response rate is dropped where the
    invitations do not know a dimension of a filter (nobody can say how many of those asked answered), and a baseline
    likewise. Raises
    CxError when nothing says which of several filters belongs to n or to a part of the interval.
    """
    filters = part_filters(metric)
    if not filters.any:
        return metric

    def block(name: str, own: Filters | None) -> str:
        if own is None:
            what = f"the inputs of {metric.name} have several filters, and nothing says which is that of '{name}'"
            raise CxError(what, file=metric.file, line=metric.line, next_step="cx check")
        return semantics.filtered(name, own)

    used = [Input(name=block(one.name, own)) for one, own in zip(metric.definition.used, filters.inputs, strict=True)]
    roles = {role: block(name, filters.interval[role]) for role, name in metric.meta.interval_blocks.items()}
    # Only a metric whose inputs share one filter has partial dimensions.
    shared = filters.inputs[0]
    partial = {
        name: {block(whole, shared): block(part, shared) for whole, part in parts.items()}
        for name, parts in metric.meta.partial_dimensions.items()
    }
    changed = {
        "sample": block(metric.meta.sample, filters.sample),
        "interval": metric.meta.interval.model_copy(update=roles),
        "partial_dimensions": partial,
        "response": _beside(semantics, metric.meta.response, ("answered", "invited"), known(filters.sample)),
        "baseline": _beside(semantics, metric.meta.baseline, ("successes", "trials"), known(filters.sample)),
    }
    meta = metric.definition.config.meta.model_copy(update={"cx": metric.meta.model_copy(update=changed)})
    config = metric.definition.config.model_copy(update={"meta": meta})
    parts = {"config": config, "filter": None, **_inputs(metric, used)}
    return replace(metric, definition=metric.definition.model_copy(update=parts))


def narrower(semantics: Semantics, metric: Metric) -> dict[str, str]:
    """The simple metrics of ``filtered(metric)`` whose filters are not those of n -> the same with the filters of n.

    Where the second has a value and the first has none, rows of n are there and none of them passed the filter: that is
    zero, and MetricFlow says null.
    """
    filters = part_filters(metric)
    if not filters.any or filters.sample is None or isinstance(metric.definition, SurvivalDefinition):
        return {}
    parts = list(zip((one.name for one in metric.definition.used), filters.inputs, strict=True))
    parts += [(name, known(filters.interval[role])) for role, name in metric.meta.interval_blocks.items()]
    return {
        semantics.filtered(name, own): semantics.filtered(name, filters.sample)
        for name, own in parts
        if own != filters.sample and semantics.adds_up(name)
    }


def value(metric: Metric, double: str) -> Sql:
    """The value of ``filtered(metric)`` by the names of its simple metrics."""
    definition = metric.definition
    if isinstance(definition, RatioDefinition):
        above, below = (Sql(used.name) for used in definition.used)
        ratio = "cast({above} as {double}) / nullif(cast({below} as {double}), 0)"
        return sql(ratio, above=above, below=below, double=double)
    return Sql(known(definition.expr)) if isinstance(definition, DerivedDefinition) else Sql(metric.name)


def _inputs(metric: Metric, used: list[Input]) -> dict[str, object]:
    definition = metric.definition
    if isinstance(definition, RatioDefinition):
        return {"numerator": used[0], "denominator": used[1]}
    if isinstance(definition, DerivedDefinition):
        names = {one.alias or one.name: new.name for one, new in zip(definition.used, used, strict=True)}
        return {"input_metrics": used, "expr": with_names(definition.expr, names)}
    if isinstance(definition, SurvivalDefinition):
        return {"time": used[0].name, "event": used[1].name}
    return {"input_metric": used[0]}


def _beside(semantics: Semantics, counts: Counts | None, roles: tuple[str, str], filters: Filters) -> Counts | None:
    """What stands beside the value, among the rows of its own fact that the filters leave."""
    if counts is None:
        return None
    names = [str(getattr(counts, role)) for role in roles]
    try:
        own = tuple(
            renamed(text, lambda name: semantics.resolve(name.split("__")[-1], names).dunder) for text in filters
        )
    except CxError:
        return None
    return counts.model_copy(
        update={role: semantics.filtered(name, own) for role, name in zip(roles, names, strict=True)}
    )
