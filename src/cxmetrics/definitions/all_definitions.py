"""Everything there is to check: what can be read of a project, and what is wrong with the files that cannot."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cxmetrics.definitions.claims import Claims, read_claims
from cxmetrics.definitions.golden_case import case_path
from cxmetrics.definitions.metric import Metric
from cxmetrics.definitions.models import Block, Model
from cxmetrics.definitions.project import Declared, Project
from cxmetrics.definitions.yaml_file import YamlFile
from cxmetrics.errors import CxError


@dataclass(frozen=True)
class Definitions:
    """All definitions that can be read, the metrics that are switched off, and the problems of the other files."""

    project: Project
    metrics: dict[str, Metric]
    switched_off: dict[str, YamlFile]
    problems: list[CxError]
    declared: Declared

    @classmethod
    def of(cls, project: Project) -> Definitions:
        """Read everything in ``project`` that the checks look at."""
        files, declared = project.read_metrics(), project.read_declared()
        metrics = {metric.name: metric for metric in files.metrics}
        return cls(project, metrics, files.switched_off, [*files.problems, *declared.problems], declared)

    @property
    def models(self) -> dict[str, Model]:
        return self.declared.models

    @property
    def blocks(self) -> dict[str, Block]:
        return self.declared.blocks

    @cached_property
    def metric_names(self) -> list[str]:
        """Every published metric there is a file for, also when the file cannot be read."""
        files = {file.stem for file in (self.project.root / "metrics").rglob("*.yml")}
        return sorted({*self.metrics, *files} - {*self.switched_off})

    @cached_property
    def golden_cases(self) -> dict[str, YamlFile | CxError]:
        """The golden case of every metric that has one, or why it cannot be read, by the metric's name."""
        found: dict[str, YamlFile | CxError] = {}
        for metric in self.metrics.values():
            file = case_path(self.project, metric)
            if file.is_file():
                try:
                    found[metric.name] = self.project.read(file)
                except CxError as error:
                    found[metric.name] = error
        return found

    @cached_property
    def claims(self) -> Claims:
        """What the cited articles claim beside the metrics they name."""
        return read_claims(self.project)

    def blocks_of(self, metric: Metric) -> Iterator[Block]:
        """The simple metrics a metric needs, as far as they exist, also through metrics it is derived from."""
        return self._blocks_of(metric, frozenset())

    def _blocks_of(self, metric: Metric, seen: frozenset[str]) -> Iterator[Block]:
        for name in metric.blocks:
            if name in self.blocks:
                yield self.blocks[name]
            elif name in self.metrics and name not in seen:
                yield from self._blocks_of(self.metrics[name], seen | {name})

    def path(self, *parts: str) -> Path:
        """A path below the project root."""
        return self.project.root.joinpath(*parts)

    def seed_rows(self, seed: str) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows of a seed with their lines; none when the seed does not exist."""
        file = self.path(seed)
        if file.is_file():
            with file.open(encoding="utf-8", errors="replace", newline="") as lines:
                reader = csv.DictReader(lines)
                for row in reader:
                    yield reader.line_num, row
