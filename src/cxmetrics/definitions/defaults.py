"""What a metric file leaves out because it follows from the rest. It is filled in here and nowhere else, before the
file becomes a ``Metric``; what is the same for every metric (30 cases, all grains, no targets) is the default of its
field there.

Works on the data of the file, which may still have any shape: what is wrong with it is found afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxmetrics.definitions.models import Block, merged
from cxmetrics.definitions.windows import days_of
from cxmetrics.definitions.yaml_file import KeyPath, YamlFile
from cxmetrics.errors import CxError

METRIC_PATH: KeyPath = ("metrics", 0)
META_PATH: KeyPath = (*METRIC_PATH, "config", "meta", "cx")
ENABLED_PATH: KeyPath = (*METRIC_PATH, "config", "enabled")
# The variable with the day of the first version of every metric that has no changelog.
FIRST_DEFINED = "first_defined"
FIRST_CHANGE = "First definition."
FULL_COUNT = "It is a full count, not a sample."
NO_BLOCKS = "No interval follows: an input is no simple metric."
COUNTS = ("count", "count_distinct", "sum_boolean")

# Key of config.meta.cx -> what it is when the file does not say.
IMPLIED = {
    "changelog": f"version 1, on the day the variable `{FIRST_DEFINED}` of dbt_project.yml names",
    "sample": "the denominator of a ratio; the time of a survival metric, each of whose cases counts; the simple metric"
    " of a count",
    "period": "the time column of the sample",
    "interval": "Wilson for a share of two counts; the normal interval for a sum over a count where a simple metric"
    " `<numerator>_of_squares` exists; the limits of its own estimate for a survival metric; none for a count",
    "minimum_sample": "30; 1 for a count",
    "told_by": "what the simple metrics of the value and of n are told by, where their facts say it",
}


def filled(source: YamlFile, blocks: Mapping[str, Block], variables: Mapping[str, Any]) -> tuple[Any, list[CxError]]:
    """The data of a metric file with everything that is implied, and an error for a window that cannot be read."""
    definition = at(source.data, METRIC_PATH)
    given = at(source.data, META_PATH)
    if not isinstance(definition, dict) or not isinstance(given, dict):
        return source.data, []
    meta = dict(given)
    problems = _put_days(meta, source, variables)
    if FIRST_DEFINED in variables and meta.get("version", 1) == 1:
        first = {"version": 1, "date": variables[FIRST_DEFINED], "change": FIRST_CHANGE}
        meta.setdefault("changelog", [first])
    is_count = meta.get("unit") == "count"
    if is_count:
        meta.setdefault("minimum_sample", 1)
    if sample := _sample(definition, is_count):
        meta.setdefault("sample", sample)
    meta.setdefault("period", _time_of(meta.get("sample"), blocks))
    meta.setdefault("told_by", _told_by(definition, meta.get("sample"), blocks))
    if interval := _interval(definition, meta.get("unit"), blocks):
        meta.setdefault("interval", interval)
    return _with(source.data, META_PATH, meta), problems


def _put_days(meta: dict[str, Any], source: YamlFile, variables: Mapping[str, Any]) -> list[CxError]:
    """Put the days of a window in the place of its name."""
    window = meta.get("maturity_days")
    if isinstance(window, str):
        meta["maturity_days"] = 0
        try:
            meta["maturity_days"] = days_of(window, variables)
        except CxError as error:
            error.file, error.line = source.name, source.line((*META_PATH, "maturity_days"))
            return [error]
    return []


def _sample(definition: dict[str, Any], is_count: bool) -> str | None:
    if definition.get("type") == "ratio":
        return _plain_name(definition.get("denominator"))
    if definition.get("type") == "survival":
        return _plain_name(definition.get("time"))
    inputs = definition.get("input_metrics")
    if is_count and isinstance(inputs, list) and len(inputs) == 1:
        return _plain_name(inputs[0])
    return _plain_name(definition.get("input_metric")) if is_count else None


def _plain_name(used: Any) -> str | None:
    """The name of an input; its filter counts in n and in the interval as it does in the value."""
    if isinstance(used, dict) and set(used) <= {"name", "alias", "filter"}:
        used = used.get("name")
    return used if isinstance(used, str) else None


def _time_of(sample: Any, blocks: Mapping[str, Block]) -> str | None:
    block = blocks.get(sample) if isinstance(sample, str) else None
    return block.agg_time_dimension if block else None


def _told_by(definition: dict[str, Any], sample: Any, blocks: Mapping[str, Block]) -> list[list[str]]:
    keys = ("numerator", "denominator", "input_metric", "time", "event")
    inputs = definition.get("input_metrics")
    used = [*(definition.get(key) for key in keys), *(inputs if isinstance(inputs, list) else []), sample]
    names = [name for name in map(_plain_name, used) if name is not None]
    return [list(need) for need in merged(blocks[name].told_by for name in names if name in blocks)]


def _interval(definition: dict[str, Any], unit: Any, blocks: Mapping[str, Block]) -> dict[str, Any] | None:
    if unit == "count":
        return {"method": "none", "reason": FULL_COUNT}
    if definition.get("type") == "survival":
        return {"method": "product_limit"}
    if definition.get("type") != "ratio":
        return None
    above, below = _plain_name(definition.get("numerator")), _plain_name(definition.get("denominator"))
    if above is None or below is None:
        return None
    if above not in blocks or below not in blocks:
        # Whether it is a metric or a mistake is for the checks to say.
        return {"method": "none", "reason": NO_BLOCKS}
    counts = [blocks[name].agg in COUNTS for name in (above, below)]
    squares = f"{above}_of_squares"
    if unit == "share" and all(counts):
        return {"method": "wilson", "successes": above, "trials": below}
    if blocks[above].agg == "sum" and blocks[below].agg == "count" and squares in blocks:
        return {"method": "mean", "count": below, "sum": above, "sum_of_squares": squares}
    return None


def at(data: Any, key_path: KeyPath) -> Any:
    """What stands at a key path; None when there is no such place."""
    for key in key_path:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _with(data: Any, key_path: KeyPath, value: Any) -> Any:
    """``data`` with another value at a path that exists; nothing of it is changed."""
    if not key_path:
        return value
    changed = data.copy()
    changed[key_path[0]] = _with(data[key_path[0]], key_path[1:], value)
    return changed
