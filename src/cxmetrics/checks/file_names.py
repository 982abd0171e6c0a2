"""One metric, one file, one name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def files_are_named_after_their_metric(definitions: Definitions) -> Iterator[Finding]:
    """People and tools find a metric by its path."""
    for metric in definitions.metrics.values():
        stem = PurePosixPath(metric.file).stem
        if stem != metric.name:
            yield Finding(
                metric.file,
                metric.line,
                f"the metric '{metric.name}' lies in a file of another name",
                f"rename the file to {metric.name}.yml or the metric to {stem}",
            )
