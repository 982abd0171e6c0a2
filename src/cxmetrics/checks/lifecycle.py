"""Metrics that are drafts, in force or retired."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def retired_metrics_name_a_successor(definitions: Definitions) -> Iterator[Finding]:
    """Users of a deprecated metric must know where to go."""
    for metric in definitions.metrics.values():
        lifecycle, line = metric.meta.lifecycle, metric.line_of("lifecycle")
        if lifecycle.state == "deprecated" and lifecycle.replaced_by is None:
            yield Finding(metric.file, line, "it is deprecated without a successor", "add replaced_by to lifecycle")
        if lifecycle.state != "deprecated" and (lifecycle.replaced_by or lifecycle.sunset):
            sentence = f"it has a successor or a sunset date, but is {lifecycle.state}"
            yield Finding(metric.file, line, sentence, "write state: deprecated, or remove replaced_by and sunset")
