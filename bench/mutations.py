"""Mutations of a metric's definition, as MetricFlow reads it: of the metric, its simple metrics, its n, its interval.

A mutant is a full copy of what changed under names of its own, so that all mutants of a metric stand in one manifest
and MetricFlow's engine is made once for all of them.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from cxmetrics.definitions.metric import Input, Metric, SurvivalDefinition
from expression_mutations import columns, mutations, with_columns

Node = dict[str, Any]
# Aggregation -> those it could be mistaken for. A percentile is told apart by its number as well.
AGGREGATIONS = {
    "sum": ("count", "average", "max", "min", "count_distinct"),
    "sum_boolean": ("count", "max"),
    "count": ("count_distinct", "sum_boolean"),
    "count_distinct": ("count", "max"),
    "average": ("sum", "median", "max"),
    "median": ("average", "max", "min", "percentile"),
    "percentile": ("median", "average", "max"),
    "max": ("min", "sum", "average"),
    "min": ("max", "sum", "average"),
}
PERCENTILES = {0.5: (0.9,), 0.9: (0.8, 0.95), 0.95: (0.9,), 0.99: (0.9,)}
GRAINS = ("day", "week", "month", "quarter", "year")
PERIOD_AGGREGATIONS = ("first", "last", "average")
SAME_TYPE = {"integer": "bigint", "timestamp": "date"}


@dataclass(frozen=True)
class Mutant:
    """One mistake. ``at`` is what it was made in, ``nodes`` are the metrics of the manifest it adds."""

    at: str
    change: str
    metric: Metric
    nodes: tuple[Node, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.at}: {self.change}"


class Definition:
    """A metric and everything it is made of, from the manifest; ``siblings`` as ``mutations`` wants them, by model."""

    def __init__(self, metric: Metric, nodes: Mapping[str, Node], models: Mapping[str, Node], siblings: Siblings):
        self.metric = metric
        read = [*metric.asked, *metric.blocks, *metric.side_blocks]
        self.nodes = {name: nodes[name] for name in _closure(read, nodes)}
        self.models = models
        self.siblings = siblings

    def mutants(self) -> list[Mutant]:
        """Every mutant; the first one changes nothing but the names, and must live."""
        changed = [("nothing", "only the names", name, node) for name, node in [self._own()]]
        changed += [(name, change, name, node) for name in self.nodes for change, node in self._of_node(name)]
        named = [self._renamed(at, change, name, node, i) for i, (at, change, name, node) in enumerate(changed)]
        return [*named, *self._of_sample(), *self._of_interval(), *self._of_survival()]

    def _own(self) -> tuple[str, Node]:
        own = self.metric.asked[0]
        return own, self.nodes[own]

    def _renamed(self, at: str, change: str, name: str, node: Node, number: int) -> Mutant:
        """The changed node and every metric above it, under new names that tell the mutants apart."""
        affected = {name} | {other for other in self.nodes if name in _closure([other], self.nodes)}
        if change == "only the names":
            affected = set(self.nodes)
        new = {old: f"{old}_m{number}" for old in affected}
        nodes = tuple(_with_names(node if old == name else self.nodes[old], new) for old in sorted(affected))
        return Mutant(at, change, _metric_with_names(self.metric, new), nodes)

    def _of_node(self, name: str) -> Iterator[tuple[str, Node]]:
        node = self.nodes[name]
        if node["type"] == "simple":
            yield from self._of_block(node)
        else:
            yield from _of_composed(node)
        yield from _of_filters(node)

    def _of_block(self, node: Node) -> Iterator[tuple[str, Node]]:
        for change, changed in _of_aggregation(node):
            # What is read by primary entity is one row, of which sum, mean and extremes are the same.
            if node["name"] not in self._single_values or not change.endswith(("average", "max", "min")):
                yield change, changed
        yield from self._of_time(node)
        yield from _of_semi_additivity(node)
        parameters = node["type_params"]
        expression = parameters["expr"] or node["name"]
        model = parameters["metric_aggregation_params"]["semantic_model"]
        for change, changed in mutations(expression, self.siblings.of(model, expression)):
            yield change, _set(node, ("type_params", "expr"), changed)

    def _of_time(self, node: Node) -> Iterator[tuple[str, Node]]:
        """The period of another clock of the same fact."""
        parameters = node["type_params"]["metric_aggregation_params"]
        model = self.models[parameters["semantic_model"]]
        current = parameters["agg_time_dimension"] or model["defaults"]["agg_time_dimension"]
        for dimension in model["dimensions"]:
            if dimension["type"] == "time" and dimension["name"] != current:
                path = ("type_params", "metric_aggregation_params", "agg_time_dimension")
                yield f"time {current} -> {dimension['name']}", _set(node, path, dimension["name"])

    @property
    def _single_values(self) -> list[str | None]:
        """The blocks that give a quantile's interval, or a survival metric, its single values."""
        of_survival = self.metric.inputs if self.metric.is_survival else []
        return [getattr(self.metric.meta.interval, "value", None), *of_survival]

    def _of_survival(self) -> Iterator[Mutant]:
        definition = self.metric.definition
        if not isinstance(definition, SurvivalDefinition):
            return
        for quantile in PERCENTILES.get(definition.quantile, (0.5,)):
            changed = replace(self.metric, definition=definition.model_copy(update={"quantile": quantile}))
            yield Mutant(self.metric.name, f"quantile {definition.quantile:g} -> {quantile:g}", changed)
        both = {"time": definition.event, "event": definition.time}
        changed = replace(self.metric, definition=definition.model_copy(update=both))
        yield Mutant(self.metric.name, "time <-> event", changed)

    def _of_sample(self) -> Iterator[Mutant]:
        if self.metric.is_survival:
            return  # its cases are counted as they are read
        sample = self.metric.meta.sample
        for other in self._blocks():
            if other != sample:
                yield Mutant("sample", f"{sample} -> {other}", _metric_with_meta(self.metric, {"sample": other}))

    def _of_interval(self) -> Iterator[Mutant]:
        interval, roles = self.metric.meta.interval, self.metric.meta.interval_blocks
        changes: dict[str, dict[str, Any]] = {}
        for one, two in combinations(roles, 2):
            if roles[one] != roles[two]:
                changes[f"{one} <-> {two}"] = {one: roles[two], two: roles[one]}
        for role, name in roles.items():
            for other in self._blocks():
                if other != name and not (role == "value" and other in self.metric.inputs):
                    changes[f"{role} {name} -> {other}"] = {role: other}
        if interval.method == "quantile":
            for quantile in PERCENTILES.get(interval.quantile, (0.5,)):
                changes[f"quantile {interval.quantile:g} -> {quantile:g}"] = {"quantile": quantile}
        if hasattr(interval, "scale"):
            changes[f"scale {interval.scale:g} -> {interval.scale * 2:g}"] = {"scale": interval.scale * 2}
        for change, update in changes.items():
            changed = interval.model_copy(update=update)
            yield Mutant("interval", change, _metric_with_meta(self.metric, {"interval": changed}))

    def _blocks(self) -> list[str]:
        return [name for name, node in self.nodes.items() if node["type"] == "simple"]


class Siblings:
    """Which columns a column could be mistaken for: those of its type in its model.

    Columns that hold the same values in a golden case make the same mutant, so each distinct set of values is tried
    once; columns that the case leaves empty count as one. A column with the very values of the original is kept: it is
    the mutant that the case cannot see.
    """

    def __init__(self, types: Mapping[str, Mapping[str, str]], given: Mapping[str, Sequence[Node]]):
        """``types``: semantic model -> column -> data type; ``given``: semantic model -> the case's rows."""
        self._types = types
        self._given = given

    def of(self, model: str, expression: str) -> dict[str, list[str]]:
        return {name: self._like(model, name) for name in columns(expression)}

    def _like(self, model: str, name: str) -> list[str]:
        types, rows = self._types[model], self._given.get(model, ())
        if name not in types:
            return []
        kind = SAME_TYPE.get(types[name], types[name])
        distinct: dict[tuple, str] = {}
        for other, data_type in types.items():
            if other != name and SAME_TYPE.get(data_type, data_type) == kind:
                distinct.setdefault(tuple(str(row.get(other)) for row in rows), other)
        return list(distinct.values())


def _of_composed(node: Node) -> Iterator[tuple[str, Node]]:
    """A metric made of metrics: its inputs, its expression, its window."""
    parameters = node["type_params"]
    if node["type"] == "ratio":
        both = {"numerator": parameters["denominator"], "denominator": parameters["numerator"]}
        yield "numerator <-> denominator", node | {"type_params": parameters | both}
    if parameters["expr"]:
        names = [used["alias"] or used["name"] for used in parameters["metrics"]]
        others = {name: [other for other in names if other != name] for name in names}
        for change, changed in mutations(parameters["expr"], others):
            yield change, _set(node, ("type_params", "expr"), changed)
    if parameters["cumulative_type_params"]:
        yield from _of_running_total(node)


def _of_running_total(node: Node) -> Iterator[tuple[str, Node]]:
    at = ("type_params", "cumulative_type_params")
    parameters = node["type_params"]["cumulative_type_params"]
    yield from _of_window(node, at, parameters.get("window"))
    to_date = parameters.get("grain_to_date")
    for grain in (*GRAINS, None):
        if to_date and grain != to_date:
            yield f"to date {to_date} -> {grain}", _set(node, (*at, "grain_to_date"), grain)
    current = parameters.get("period_agg")
    for other in PERIOD_AGGREGATIONS:
        if other != (current or "first"):
            yield f"period_agg {current} -> {other}", _set(node, (*at, "period_agg"), other)


def _of_window(node: Node, at: tuple, window: Node | None) -> Iterator[tuple[str, Node]]:
    if window:
        shown = f"{window['count']} {window['granularity']}"
        yield f"window {shown} -> none", _set(node, (*at, "window"), None)
        for count in (window["count"] - 1, window["count"] + 1):
            if count:
                longer = window | {"count": count}
                yield f"window {shown} -> {count} {window['granularity']}", _set(node, (*at, "window"), longer)


def _of_filters(node: Node) -> Iterator[tuple[str, Node]]:
    """A filter forgotten: the metric's own, or that of one of its inputs."""
    parameters = node["type_params"]
    places: list[tuple] = [("filter",)]
    places += [("type_params", side, "filter") for side in ("numerator", "denominator") if parameters[side]]
    places += [("type_params", "metrics", i, "filter") for i in range(len(parameters["metrics"] or []))]
    total = parameters["cumulative_type_params"] or {}
    names = [name for name, used in total.items() if isinstance(used, dict) and "filter" in used]
    places += [("type_params", "cumulative_type_params", name, "filter") for name in names]
    for path in places:
        filters = (_get(node, path) or {}).get("where_filters", [])
        for position, dropped in enumerate(filters):
            kept = [one for at, one in enumerate(filters) if at != position]
            changed = _set(node, path, {"where_filters": kept} if kept else None)
            yield f"without the filter {dropped['where_sql_template']}", changed


def _of_aggregation(node: Node) -> Iterator[tuple[str, Node]]:
    at = ("type_params", "metric_aggregation_params")
    parameters = node["type_params"]["metric_aggregation_params"]
    details = parameters["agg_params"] or {}
    current = details.get("percentile")
    for other in AGGREGATIONS.get(parameters["agg"], ()):
        chosen = details | {"percentile": 0.9 if other == "percentile" else None}
        yield f"{parameters['agg']} -> {other}", _set(node, at, parameters | {"agg": other, "agg_params": chosen})
    if current is not None:
        for percentile in PERCENTILES.get(current, (0.5,)):
            path = (*at, "agg_params", "percentile")
            yield f"percentile {current:g} -> {percentile:g}", _set(node, path, percentile)


def _of_semi_additivity(node: Node) -> Iterator[tuple[str, Node]]:
    at = ("type_params", "metric_aggregation_params", "non_additive_dimension")
    rule = _get(node, at)
    if rule:
        yield f"without the rule for {rule['name']}", _set(node, at, None)
        other = "min" if rule["window_choice"] == "max" else "max"
        yield f"window_choice {rule['window_choice']} -> {other}", _set(node, (*at, "window_choice"), other)
        for grouping in rule.get("window_groupings") or []:
            kept = [name for name in rule["window_groupings"] if name != grouping]
            yield f"without the grouping {grouping}", _set(node, (*at, "window_groupings"), kept)


def inputs_of(node: Node) -> list[Node]:
    """The inputs of a metric, whatever its type."""
    parameters = node["type_params"]
    inputs = [parameters["numerator"], parameters["denominator"], *(parameters["metrics"] or [])]
    inputs.append((parameters["cumulative_type_params"] or {}).get("metric"))
    return [used for used in inputs if used]


def _closure(names: Sequence[str], nodes: Mapping[str, Node]) -> list[str]:
    found: list[str] = []
    for name in names:
        below = _closure([used["name"] for used in inputs_of(nodes[name])], nodes)
        found += [name, *below]
    return list(dict.fromkeys(found))


def _with_names(node: Node, new: Mapping[str, str]) -> Node:
    """The metric under its new name, reading its inputs under theirs; expressions go on using the old ones."""
    renamed = copy.deepcopy(node)
    if node["type"] == "simple":
        # MetricFlow writes "<expression> is not null" for a count: without parentheses, "a and b" would mean another.
        renamed["type_params"]["expr"] = f"({node['type_params']['expr'] or node['name']})"
    renamed["name"] = new[node["name"]]
    for used in inputs_of(renamed):
        if used["name"] in new:
            used["alias"] = used["alias"] or used["name"]
            used["name"] = new[used["name"]]
    return renamed


def _metric_with_names(metric: Metric, new: Mapping[str, str]) -> Metric:
    """The metric as its file would declare it if its simple metrics had the new names."""
    meta = metric.meta
    roles = {role: new.get(name, name) for role, name in meta.interval_blocks.items()}
    update = {"sample": new.get(meta.sample, meta.sample), "interval": meta.interval.model_copy(update=roles)}
    update["partial_dimensions"] = {
        name: {new.get(block, block): new.get(other, other) for block, other in stand_ins.items()}
        for name, stand_ins in meta.partial_dimensions.items()
    }
    for beside, roles in (("response", ("answered", "invited")), ("baseline", ("successes", "trials"))):
        if declared := getattr(meta, beside):
            counts = {role: getattr(declared, role) for role in roles}
            update[beside] = declared.model_copy(update={role: new.get(name, name) for role, name in counts.items()})
    renamed = _metric_with_meta(metric, update)
    changed: dict[str, Any] = {"name": new.get(metric.name, metric.name)}
    for key, value in metric.definition:
        if isinstance(value, Input):
            changed[key] = _input_with_name(value, new)
        elif metric.is_survival and key in ("time", "event"):
            changed[key] = new.get(value, value)
        elif key == "input_metrics":
            changed[key] = [_input_with_name(used, new) for used in value]
        elif key == "expr":
            changed[key] = with_columns(value, new)
    return replace(renamed, definition=renamed.definition.model_copy(update=changed))


def _input_with_name(used: Input, new: Mapping[str, str]) -> Input:
    return used.model_copy(update={"name": new.get(used.name, used.name)})


def _metric_with_meta(metric: Metric, update: Mapping[str, Any]) -> Metric:
    config = metric.definition.config
    meta = config.meta.model_copy(update={"cx": metric.meta.model_copy(update=dict(update))})
    changed = metric.definition.model_copy(update={"config": config.model_copy(update={"meta": meta})})
    return replace(metric, definition=changed)


def _get(node: Any, path: tuple) -> Any:
    for key in path:
        node = node.get(key) if isinstance(node, dict) else node[key]
        if node is None:
            return None
    return node


def _set(node: Node, path: tuple, value: Any) -> Node:
    """A copy of the node with another value at a path."""
    changed = copy.deepcopy(node)
    place = _get(changed, path[:-1])
    place[path[-1]] = value
    return changed
