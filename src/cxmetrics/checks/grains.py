"""How fine periods can be."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.metric import GRAINS


def horizons_have_values_by_month(definitions: Definitions) -> Iterator[Finding]:
    """A year of monthly churn rates added up is a mean of twelve rates under the name of one."""
    for metric in definitions.metrics.values():
        horizon = metric.meta.horizon_months
        if horizon is not None and metric.meta.grains != ["month"]:
            months = "1 month" if horizon == 1 else f"{horizon} months"
            sentence = f"it looks back {months} from the end of a month, and has values by other periods, too"
            help = "write grains: [month]; a longer horizon is a metric of its own"
            yield Finding(metric.file, metric.line_of("grains"), sentence, help, got=", ".join(metric.meta.grains))


def grains_are_as_coarse_as_the_data(definitions: Definitions) -> Iterator[Finding]:
    """A fact of months has no days."""
    for metric in definitions.metrics.values():
        for block in definitions.blocks_of(metric):
            model = definitions.models[block.model]
            column = model.column(block.agg_time_dimension) if block.agg_time_dimension else None
            if column is None or column.granularity not in GRAINS:
                continue
            allowed = GRAINS[GRAINS.index(column.granularity) :]
            for index, grain in enumerate(metric.meta.grains):
                if grain not in allowed:
                    line = metric.line_of("grains", index)
                    sentence = f"{model.name} holds one row per {column.granularity} at best"
                    yield Finding(metric.file, line, sentence, "remove the grain", grain, list(allowed))
            break
