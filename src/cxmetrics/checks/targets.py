"""What a metric aims at."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def targets_are_unambiguous(definitions: Definitions) -> Iterator[Finding]:
    """Of two targets from one day on for the same customers, nobody knows which one counts."""
    for metric in definitions.metrics.values():
        seen: set[tuple[object, object]] = set()
        for index, target in enumerate(metric.meta.targets):
            key = (target.since, target.segment)
            line = metric.line_of("targets", index)
            if key in seen:
                whom = target.segment or "everybody"
                sentence = f"there are two targets since {target.since} for {whom}"
                yield Finding(metric.file, line, sentence, "keep one of them")
            seen.add(key)
            if metric.meta.direction == "none":
                sentence = "a metric without a direction cannot meet a target"
                yield Finding(metric.file, line, sentence, "say which direction is better, or remove the target")
