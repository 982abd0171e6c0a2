"""What changed in a metric's definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def versions_have_a_changelog_entry(definitions: Definitions) -> Iterator[Finding]:
    """Whoever sees a number jump must find the change of its definition."""
    for metric in definitions.metrics.values():
        versions = [change.version for change in metric.meta.changelog]
        if metric.meta.version not in versions:
            sentence = f"version {metric.meta.version} has no changelog entry"
            yield Finding(metric.file, metric.line_of("version"), sentence, "say in changelog what changed, and when")
        for version, count in Counter(versions).items():
            if count > 1 or version > metric.meta.version:
                what = "is listed twice" if count > 1 else f"is newer than the metric's version {metric.meta.version}"
                sentence = f"version {version} {what} in the changelog"
                help = "correct the version or the entry"
                yield Finding(metric.file, metric.line_of("changelog"), sentence, help)
