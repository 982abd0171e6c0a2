"""The full form of a metric file: everything that the short one leaves out, in the order of the reference."""

from __future__ import annotations

import re
from typing import Any

import yaml
from pydantic import BaseModel

from cxmetrics.definitions.defaults import META_PATH, at
from cxmetrics.definitions.metric import Input, Metric

WIDTH = 120
_DAYS = re.compile(r"^( *maturity_days: \d+)$", re.MULTILINE)


def expanded(metric: Metric) -> str:
    """The metric as a file that says everything; read again, it is the same metric.

    A window named by a variable is given in days, and its name in a comment.
    """
    definition = _plain(metric.definition)
    last = {"filter": definition.pop("filter"), "config": definition.pop("config")}
    text = yaml.dump({"metrics": [definition | last]}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    window = at(metric.source.data, (*META_PATH, "maturity_days"))
    return _DAYS.sub(rf"\1 # {window}", text) if isinstance(window, str) else text


def _plain(value: Any) -> Any:
    """A model as YAML would hold it: with every field, but those of an input that is used as it is."""
    if isinstance(value, Input):
        given = value.model_dump(exclude_defaults=True)
        return value.name if set(given) == {"name"} else given
    if isinstance(value, BaseModel):
        return {name: _plain(field) for name, field in value}
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


class _Dumper(yaml.SafeDumper):
    """Short lists and mappings of single values on one line, as people write them."""

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        return super().represent_sequence(tag, sequence, flow_style=_is_short(sequence))

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        return super().represent_mapping(tag, mapping, flow_style=_is_short(mapping.values()))

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _is_short(values: Any) -> bool:
    values = list(values)
    return not any(isinstance(value, list | dict) for value in values) and sum(len(str(value)) for value in values) < 80
