"""A project whose metrics have values by some of their grains, for engines that take long to plan each question."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

from cxmetrics.definitions.project import Project
from cxmetrics.engines.quoting import literal
from cxmetrics.engines.sql import Sql, joined, sql

DAY = "day"


def keep_some_grains(root: Path) -> Sql:
    """Leave each metric one grain of those that are sliced, in turn, and days where it is the first in the turn.

    So every grain and every dimension of every metric is still asked for, in a fifth of the questions. Returns the
    condition on ``metrics.metric_values`` for the values that are left.
    """
    left = []
    for metric, turn in zip(Project(root).metrics().values(), cycle(range(5))):
        grains = metric.meta.grains
        sliced = [grain for grain in grains if grain != DAY]
        kept = [*([DAY] if DAY in grains and turn == 0 else []), sliced[turn % len(sliced)]]
        file = root / metric.file
        lines = file.read_text(encoding="utf-8").splitlines()
        lines = [line for line in lines if not line.startswith("          grains: ")]
        file.write_text("\n".join([*lines, f"          grains: [{', '.join(kept)}]", ""]), encoding="utf-8")
        names = joined(map(literal, kept))
        left.append(sql("metric = {metric} and grain in ({grains})", metric=literal(metric.name), grains=names))
    return joined(left, sql(" or "))
