"""The answer of ``cx query`` as a table, CSV or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cxmetrics.definitions.units import (
    format_difference,
    format_difference_interval,
    format_interval,
    format_value,
    shown_unit,
)
from cxmetrics.definitions.words import humanized
from cxmetrics.measure.breaks import LEGEND as BREAK_LEGEND
from cxmetrics.measure.breaks import MARK as BREAK_MARK
from cxmetrics.measure.response import LEGEND, LOW_MARK
from cxmetrics.published.schedules import Schedule, schedule_words
from cxmetrics.published.schema import without_value
from cxmetrics.reports.printing import as_json, foot, rendered
from cxmetrics.reports.spreadsheet import csv_text
from cxmetrics.reports.tables import Column, fitted
from cxmetrics.terminal import Shown, one_line, shown

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.published.build_info import BuildInfo
    from cxmetrics.published.rows import Row

# The last one is a file that the engine writes.
QUERY_FORMATS = ("table", "csv", "json", "parquet")


def as_text(
    chosen: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    metrics: Sequence[Metric],
    info: BuildInfo,
    schedules: Sequence[Schedule] = (),
) -> str:
    """The rows in the chosen one of ``QUERY_FORMATS`` that is text. ``schedules`` are those that the minutes of the
    metrics are counted on."""
    if chosen == "csv":
        return csv_text(columns, rows)
    if chosen == "json":
        currencies = {metric.currency for metric in metrics if metric.shown_unit != metric.meta.unit}
        return json_text(columns, rows, info, schedules, next(iter(currencies), None))
    return table_text(columns, rows, metrics, info, schedules)


def json_text(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    info: BuildInfo,
    schedules: Sequence[Schedule] = (),
    currency: str | None = None,
) -> str:
    """At full precision, with what the numbers rest on."""
    counted = {"schedules": [schedule.as_dict() for schedule in schedules]} if schedules else {}
    money = {"currency": currency} if currency else {}
    return as_json(
        {**info.as_dict(), **counted, **money, "rows": [dict(zip(columns, row, strict=True)) for row in rows]}
    )


def table_text(
    columns: Sequence[str],
    answers: Sequence[Sequence[Any]],
    metrics: Sequence[Metric],
    info: BuildInfo,
    schedules: Sequence[Schedule] = (),
) -> Shown:
    """Rounded by unit, for people; the metric's column is left out when there is only one."""
    labels = {metric.name: metric.label for metric in metrics}
    keys = columns[1 : columns.index("value")]
    cells: list[Row] = [dict(zip(columns, row, strict=True)) for row in answers]
    cells = [{**cell, "unit": shown_unit(cell["unit"], metrics[0].currency)} for cell in cells]
    asked = ["response"] if any(cell["response_rate"] is not None for cell in cells) else []
    with_baseline = any(cell["baseline"] is not None for cell in cells)
    against = ("baseline", "difference", "95 % interval of it") if with_baseline else ()
    named = ["metric"] if len(metrics) > 1 else []
    table = [
        *(Column(name) for name in named),
        *_key_columns(keys),
        Column("value", is_number=True),
        Column("95 % interval", is_number=True, rank=len(keys) + 2),
        Column("n", is_number=True, rank=len(keys) + 1),
        *(Column(name, is_number=True, rank=len(keys) + 3) for name in asked),
        *(Column(name, is_number=True) for name in against),
        Column("status"),
    ]
    rows = [
        [
            *([labels[cell["metric"]]] if named else []),
            *(str(cell[key]) for key in keys),
            *_numbers(cell, bool(asked)),
            *(_set_against(cell) if against else []),
            humanized(cell["status"]),
        ]
        for cell in cells
    ]
    title = f"{one_line(metrics[0].label)}\n" if len(metrics) == 1 else ""
    legend = rendered(LEGEND) if any(cell["low_response"] for cell in cells) else ""
    breaks = rendered(BREAK_LEGEND) if any(cell["series_break"] for cell in cells) else ""
    others = rendered(_who(metrics)) if against else ""
    counted = "".join(f"{one_line(words)}\n" for words in [schedule_words(schedules)] if words)
    return shown(title, rendered(*fitted(table, rows, "--format csv")), legend, breaks, others, counted, foot(info))


def _who(metrics: Sequence[Metric]) -> str:
    """Whom the baselines are among."""
    known = {metric.label: metric.meta.baseline.who for metric in metrics if metric.meta.baseline}
    if len(metrics) == 1:
        (who,) = known.values()
        return f"The baseline is the same share among {who}."
    return "\n".join(f"{label}: the baseline is the same share among {who}." for label, who in known.items())


def _set_against(cell: Row) -> list[str]:
    unit = cell["unit"]
    return [
        format_value(cell["baseline"], unit),
        format_difference(cell["difference"], unit),
        format_difference_interval(cell["difference_low"], cell["difference_high"], unit),
    ]


def _key_columns(keys: Sequence[str]) -> list[Column]:
    """What tells the rows apart goes last, and the period never: the last dimension that was asked for first."""
    return [
        Column(humanized(key), rank=0 if key == "period_start" else position)
        for position, key in enumerate(keys, start=1)
    ]


def _numbers(cell: Row, with_response: bool) -> list[str]:
    """Value, interval, n and response of a row, rounded; a value of few of those asked is marked."""
    is_missing = cell["value"] is None
    value = without_value(cell["status"]) if is_missing else format_value(cell["value"], cell["unit"])
    mark = (f" {LOW_MARK}" if cell["low_response"] else "") + (f" {BREAK_MARK}" if cell["series_break"] else "")
    response = [format_value(cell["response_rate"], "share")] if with_response else []
    return [
        f"{value}{mark}",
        format_interval(cell["ci_low"], cell["ci_high"], cell["unit"]),
        f"{cell['n']:,}",
        *response,
    ]
