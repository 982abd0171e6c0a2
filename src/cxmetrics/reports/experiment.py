"""The answer of ``cx query METRIC --experiment NAME``: one row per metric and variant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxmetrics.definitions.units import (
    format_difference,
    format_difference_interval,
    format_interval,
    format_value,
)
from cxmetrics.definitions.words import humanized
from cxmetrics.measure.experiments import baseline, difference, measured, require_experiment, status
from cxmetrics.reports.printing import foot, rendered
from cxmetrics.reports.tables import Column, fitted
from cxmetrics.terminal import Shown, one_line, shown

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.models import Block
    from cxmetrics.engines.interface import Connection
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.experiments import Measured
    from cxmetrics.measure.question import Question
    from cxmetrics.measure.sql import SqlTypes
    from cxmetrics.published.build_info import BuildInfo
    from cxmetrics.published.rows import Row

NOTE = (
    "Customers by the first variant shown, facts from the day after. The difference is to the baseline; "
    "where its interval holds 0, the experiment does not tell the two apart."
)


def rows(
    connection: Connection,
    semantics: Semantics,
    metrics: Sequence[Metric],
    blocks: dict[str, Block],
    question: Question,
    experiment: str,
    named: str | None,
    types: SqlTypes,
) -> list[Row]:
    """One row per metric and variant, the baseline first. Raises CxError for an experiment or variant there is none
    of, and for a metric whose difference has no interval."""
    require_experiment(connection, experiment)
    found: list[Row] = []
    for metric in metrics:
        arms = measured(connection, semantics, metric, blocks, experiment, question, types)
        base = baseline(arms, named)
        ordered = sorted(arms, key=lambda arm: (arm is not base, arm.variant))
        found += [_row(metric, arm, base) for arm in ordered]
    return found


def _row(metric: Metric, arm: Measured, base: Measured) -> Row:
    by = None if arm is base else difference(arm.estimate, base.estimate)
    return {
        "metric": metric.name,
        "variant": arm.variant,
        "customers": arm.customers,
        "value": arm.estimate.value,
        "n": arm.n,
        "ci_low": arm.estimate.ci_low,
        "ci_high": arm.estimate.ci_high,
        "baseline": base.variant,
        "difference": by and by.value,
        "difference_low": by and by.ci_low,
        "difference_high": by and by.ci_high,
        "status": status(arm, metric.meta.minimum_sample),
        "unit": metric.meta.unit,
    }


def table_text(found: Sequence[Row], metrics: Sequence[Metric], info: BuildInfo, experiment: str) -> Shown:
    """Rounded by unit, for people: a table per metric."""
    parts = [f"Experiment {one_line(experiment)}\n"]
    for metric in metrics:
        parts += [f"\n{one_line(metric.label)}\n", _table(metric, found)]
    parts += [rendered(NOTE), foot(info)]
    return shown(*parts)


def _table(metric: Metric, found: Sequence[Row]) -> Shown:
    columns = [
        Column("variant"),
        Column("customers", is_number=True, rank=2),
        Column("n", is_number=True, rank=1),
        Column("value", is_number=True),
        Column("95 % interval", is_number=True, rank=3),
        Column("difference", is_number=True),
        Column("95 % interval of it", is_number=True),
        Column("status"),
    ]
    cells = [_cells(row, metric.shown_unit) for row in found if row["metric"] == metric.name]
    return rendered(*fitted(columns, cells, "--format csv"))


def _cells(row: Row, unit: str) -> list[str]:
    is_base = row["variant"] == row["baseline"]
    return [
        row["variant"],
        f"{row['customers']:,}",
        f"{row['n']:,}",
        "no data" if row["value"] is None else format_value(row["value"], unit),
        format_interval(row["ci_low"], row["ci_high"], unit),
        "baseline" if is_base else format_difference(row["difference"], unit),
        "" if is_base else format_difference_interval(row["difference_low"], row["difference_high"], unit),
        humanized(row["status"]),
    ]
