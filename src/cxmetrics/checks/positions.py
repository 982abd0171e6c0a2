"""What the published sources say about a metric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def positions_are_given_or_explained(definitions: Definitions) -> Iterator[Finding]:
    """Readers compare our classification with the published ones; silence must be told from forgetting."""
    for metric in definitions.metrics.values():
        positions, line = metric.meta.positions, metric.line_of("positions")
        if not positions and metric.meta.positions_note is None:
            sentence = "no source has a position on it, and no note says why"
            yield Finding(metric.file, line, sentence, "add positions, or say in positions_note why there are none")
        for source, count in Counter(position.source for position in positions).items():
            if count > 1:
                yield Finding(metric.file, line, f"the source '{source}' has {count} positions", "keep one a source")
