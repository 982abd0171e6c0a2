"""The journey stages a metric speaks of."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def stages_exist(definitions: Definitions) -> Iterator[Finding]:
    """The stages of a metric are those of the journey."""
    seed = "seeds/journey_stages.csv"
    stages = [row.get("journey_stage") or "" for _, row in definitions.seed_rows(seed)]
    for metric in definitions.metrics.values():
        for index, stage in enumerate(metric.meta.stages):
            if stage not in stages:
                line = metric.line_of("stages", index)
                yield Finding(metric.file, line, "the journey stage does not exist", f"see {seed}", stage, stages)
