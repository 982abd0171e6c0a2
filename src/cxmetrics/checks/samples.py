"""n must belong to the value it stands beside."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def samples_belong_to_the_metric(definitions: Definitions) -> Iterator[Finding]:
    """n counts what the value was computed from: it is an input, an interval block or counts the measured column."""
    for metric in definitions.metrics.values():
        name = metric.meta.sample
        sample = definitions.blocks.get(name)
        own = {*metric.inputs, *metric.meta.interval_blocks.values()}
        if sample is None or name in own:
            continue
        measured = {(block.model, block.expr) for block in map(definitions.blocks.get, own) if block is not None}
        if sample.agg != "count" or (sample.model, sample.expr) not in measured:
            counts = [
                block.name
                for block in definitions.blocks.values()
                if block.agg == "count" and (block.model, block.expr) in measured
            ]
            yield Finding(
                metric.file,
                metric.line_of("sample"),
                f"the sample '{name}' does not count what the value is computed from",
                "name an input, a simple metric of the interval, or a count of the measured column",
                name,
                sorted(own | set(counts)),
            )
