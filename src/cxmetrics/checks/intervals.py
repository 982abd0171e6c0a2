"""The interval must be that of the value it stands beside."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.metric import Metric, Quantile, Wilson
from cxmetrics.definitions.metric import Ratio as RatioInterval

# Which interval role is the numerator and which the denominator of a ratio metric.
ROLES_OF_RATIO = {"wilson": ("successes", "trials"), "mean": ("sum", "count"), "ratio": ("x", "y")}
# Which interval roles a derived metric must be made of.
ROLES_OF_DERIVED = {
    "nps": ("promoters", "detractors", "answers"),
    "mean": ("sum", "count"),
    "ratio": ("x", "y"),
}


def intervals_fit_the_metric(definitions: Definitions) -> Iterator[Finding]:
    """An interval of other numbers than the value's looks just as good as the right one."""
    for metric in definitions.metrics.values():
        if metric.meta.interval.method == "product_limit" and not metric.is_survival:
            sentence = "the interval 'product_limit' belongs to a survival metric"
            yield Finding(metric.file, metric.line_of("interval"), sentence, "choose another method", metric.type)
        elif isinstance(metric.meta.interval, Quantile):
            yield from _quantile(definitions, metric, metric.meta.interval)
        else:
            yield from _roles(metric)
        if metric.meta.interval.method == "none" and not metric.is_written("interval"):
            yield from _unknown_inputs(definitions, metric)


def _unknown_inputs(definitions: Definitions, metric: Metric) -> Iterator[Finding]:
    for name in metric.inputs:
        if name in definitions.metric_names and name not in definitions.blocks:
            sentence = f"no interval follows from '{name}', which is a metric and no simple metric"
            help = "write interval, or {method: none, reason: ...}"
            yield Finding(metric.file, metric.line, sentence, help)


def _roles(metric: Metric) -> Iterator[Finding]:
    method = metric.meta.interval.method
    blocks = metric.meta.interval_blocks
    if metric.type == "ratio" and method in ROLES_OF_RATIO:
        sides = zip(ROLES_OF_RATIO[method], ("numerator", "denominator"), metric.inputs, strict=True)
        for role, side, name in sides:
            if blocks[role] != name:
                yield _mismatch(metric, role, f"is not the metric's {side}", [name])
        scale = getattr(metric.meta.interval, "scale", 1.0)
        if scale != 1.0:
            line = metric.line_of("interval", "scale")
            sentence = f"the interval is scaled by {scale:g}, but a ratio metric has no scale"
            yield Finding(metric.file, line, sentence, "remove the scale, or make the metric derived")
    elif metric.type == "derived" and method in ROLES_OF_DERIVED:
        for role in ROLES_OF_DERIVED[method]:
            if blocks[role] not in metric.inputs:
                yield _mismatch(metric, role, "is not an input of the metric", metric.inputs)
    elif isinstance(metric.meta.interval, Wilson) or method == "nps":
        needed = "ratio" if method == "wilson" else "derived"
        sentence = f"the interval '{method}' belongs to a {needed} metric; this one is {metric.type}"
        yield Finding(metric.file, metric.line_of("interval"), sentence, "choose another method")
    if isinstance(metric.meta.interval, RatioInterval) and blocks["count"] != metric.meta.sample:
        yield _mismatch(metric, "count", "is not the sample", [metric.meta.sample])


def _quantile(definitions: Definitions, metric: Metric, interval: Quantile) -> Iterator[Finding]:
    value = definitions.blocks.get(interval.value)
    if value is None:
        return
    model = definitions.models[value.model]
    if model.primary_entity is not None and interval.entity != model.primary_entity:
        sentence = f"the entity does not identify one row of {model.name}"
        line = metric.line_of("interval", "entity")
        help = "name the primary entity, so that the sum per entity is the single value"
        yield Finding(metric.file, line, sentence, help, interval.entity, [model.primary_entity])
    if value.agg != "sum":
        yield _mismatch(metric, "value", "is not a sum", [])
    for name in metric.inputs:
        block = definitions.blocks.get(name)
        quantile = None if block is None else 0.5 if block.agg == "median" else block.percentile
        if block is None or (quantile, block.expr) == (interval.quantile, value.expr):
            continue
        yield Finding(
            metric.file,
            metric.line_of("interval"),
            f"the interval is that of the {interval.quantile:g} quantile of {value.expr}, but '{name}' is "
            f"{'another aggregation' if quantile is None else f'the {quantile:g} quantile'} of {block.expr}",
            "make the interval's value and quantile those of the input",
        )


def _mismatch(metric: Metric, role: str, what: str, allowed: list[str]) -> Finding:
    method, got = metric.meta.interval.method, metric.meta.interval_blocks[role]
    return Finding(
        metric.file,
        metric.line_of("interval", role),
        f"'{role}' of the interval '{method}' {what}",
        "take the interval from the numbers of the value",
        got,
        allowed or None,
    )
