"""What a check reports, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from cxmetrics.definitions.metric import Metric
from cxmetrics.definitions.models import Block, Model
from cxmetrics.definitions.project import Declared, Project
from cxmetrics.errors import CxError, nearest


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, a sentence that says what, and what to do about it."""

    file: str
    line: int
    sentence: str
    remedy: str
    got: str | None = None
    allowed: list[str] | None = None
    check: str = ""
    nearest: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.got is not None and self.allowed is not None:
            object.__setattr__(self, "nearest", nearest(self.got, self.allowed))

    @classmethod
    def of(cls, error: CxError, remedy: str) -> Finding:
        """A finding from an error of a reader."""
        got = None if error.got is None else str(error.got)
        return cls(error.file or "", error.line or 1, error.what, error.next_step or remedy, got, error.allowed)

    def __str__(self) -> str:
        lines = [f"{self.file}:{self.line}: {self.sentence}"]
        if self.got is not None:
            lines.append(f"  got:     {self.got}")
        if self.allowed is not None:
            lines.append(f"  allowed: {', '.join(self.allowed) if self.allowed else '(nothing)'}")
        if self.nearest is not None:
            lines.append(f"  nearest: {self.nearest}")
        lines.append(f"  remedy:  {self.remedy}")
        return "\n".join(lines)

    def as_dict(self) -> dict:
        """The same parts for ``--json``."""
        return asdict(self)


@dataclass(frozen=True)
class Definitions:
    """All definitions that can be read, and the problems of the files that cannot."""

    project: Project
    metrics: dict[str, Metric]
    problems: list[CxError]
    declared: Declared

    @classmethod
    def of(cls, project: Project) -> Definitions:
        """Read everything in ``project`` that the checks look at."""
        metrics, problems = project.read_metrics()
        declared = project.read_declared()
        return cls(project, {metric.name: metric for metric in metrics}, [*problems, *declared.problems], declared)

    @property
    def models(self) -> dict[str, Model]:
        return self.declared.models

    @property
    def blocks(self) -> dict[str, Block]:
        return self.declared.blocks

    @cached_property
    def metric_names(self) -> list[str]:
        """Every published metric there is a file for, also when the file cannot be read."""
        files = (self.project.root / "metrics").rglob("*.yml")
        return sorted({*self.metrics, *(file.stem for file in files)})

    def blocks_of(self, metric: Metric) -> Iterator[Block]:
        """The building blocks a metric needs, as far as they exist, also through metrics it is derived from."""
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


Check = Callable[[Definitions], Iterable[Finding]]
