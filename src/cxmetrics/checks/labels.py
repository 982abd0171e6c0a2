"""The names of metrics for people."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def labels_are_unique(definitions: Definitions) -> Iterator[Finding]:
    """Two metrics of one label are one for readers; dbt refuses them, in the middle of a build."""
    first: dict[str, str] = {}
    for metric in definitions.metrics.values():
        other = first.setdefault(metric.label, metric.name)
        if other != metric.name:
            sentence = f"the label is that of {other}, too"
            yield Finding(metric.file, metric.line_of("label"), sentence, "give it another", metric.label)
