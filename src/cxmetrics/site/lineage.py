"""The way of the data from raw tables to a metric, as dbt's manifest tells it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxmetrics.errors import CxError

if TYPE_CHECKING:
    from cxmetrics.definitions.project import Project

# In the order the data go. A folder of models/ that is not named here is a mart.
LAYERS = ("Raw tables", "Look-ups", "Staging", "Intermediate", "Marts")
FOLDERS = {
    "staging": "Staging",
    "entities": "Intermediate",
    "intermediate": "Intermediate",
    "build": "Intermediate",
}
# What the guards of the inputs keep is read by every staging model and says nothing about where a number comes from.
GUARDS = "quarantine"


@dataclass(frozen=True)
class Step:
    """A raw table, seed or model on the way; ``inputs`` are the names of those it reads."""

    name: str
    layer: str
    description: str
    inputs: tuple[str, ...]

    @property
    def anchor(self) -> str:
        return f"step-{self.name}"


class Lineage:
    """Every step by name; empty where dbt has not run in this folder."""

    def __init__(self, project: Project):
        try:
            manifest = project.manifest()
        except CxError:
            manifest = {}
        names = dict(_names(manifest))
        self.steps = {
            names[key]: Step(
                names[key],
                _layer(node),
                " ".join(str(node.get("description") or "").split()),
                tuple(dict.fromkeys(names[used] for used in _inputs(node) if used in names)),
            )
            for key, node in _nodes(manifest)
        }
        self._above: dict[str, frozenset[str]] = {}

    def way_to(self, models: Iterable[str]) -> list[tuple[str, list[Step]]]:
        """Layer by layer everything ``models`` are made from, themselves included; empty layers are left out."""
        names = frozenset().union(*(self._all_above(model) for model in models if model in self.steps))
        found = sorted((self.steps[name] for name in names), key=lambda step: step.name)
        return [(layer, steps) for layer in LAYERS if (steps := [step for step in found if step.layer == layer])]

    def layers(self) -> list[tuple[str, list[Step]]]:
        """Every step, layer by layer."""
        return self.way_to(self.steps)

    def _all_above(self, name: str) -> frozenset[str]:
        if name not in self._above:
            inputs = self.steps[name].inputs
            self._above[name] = frozenset({name}).union(*(self._all_above(used) for used in inputs))
        return self._above[name]


def _nodes(manifest: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    nodes = [*manifest.get("sources", {}).items(), *manifest.get("nodes", {}).items()]
    kept = [
        (key, node)
        for key, node in nodes
        if node["resource_type"] in ("source", "seed", "model") and node.get("source_name") != GUARDS
    ]
    return sorted(kept)


def _names(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (key, f"{node['source_name']}.{node['name']}" if node["resource_type"] == "source" else node["name"])
        for key, node in _nodes(manifest)
    ]


def _layer(node: dict[str, Any]) -> str:
    kind = node["resource_type"]
    if kind != "model":
        return {"source": "Raw tables", "seed": "Look-ups"}[kind]
    folders = node["path"].replace("\\", "/").split("/")
    return FOLDERS.get(folders[0], "Marts")


def _inputs(node: dict[str, Any]) -> list[str]:
    return sorted(node.get("depends_on", {}).get("nodes", []))
