"""Shares over parts that have no common meaning."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.metric import Wilson


def parts_without_a_common_meaning_stay_apart(definitions: Definitions) -> Iterator[Finding]:
    """A share over rows of which the model says that they stay apart moves with their mix: 100 % of the purchases and
    11 % of the first visits go on, and what all of them do says how many visits there were."""
    for metric in definitions.metrics.values():
        for index, name in enumerate(metric.meta.only_by):
            if name not in metric.meta.dimensions:
                sentence = f"'{name}' is no dimension of the metric, which then has no value at all"
                line = metric.line_of("only_by", index)
                yield Finding(metric.file, line, sentence, "name it in dimensions too", name, metric.meta.dimensions)
        if not isinstance(metric.meta.interval, Wilson):
            continue
        models = {block.model for block in definitions.blocks_of(metric)}
        for column in (column for model in sorted(models) for column in definitions.models[model].columns):
            if column.is_apart and column.name not in metric.meta.only_by:
                sentence = f"the metric is a share over all values of '{column.name}', which have no common meaning"
                help = f"add only_by: [{column.name}]"
                yield Finding(metric.file, metric.line_of("dimensions"), sentence, help, column.name)
