"""The scorecard: the current value of every metric, with its trend, service and experience side by side."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxmetrics.definitions.periods import ISO, period_name
from cxmetrics.definitions.units import format_interval, format_value
from cxmetrics.definitions.words import DOMAIN_LABELS, humanized
from cxmetrics.errors import CxError
from cxmetrics.measure.response import LEGEND, LOW_MARK
from cxmetrics.published.figures import TREND_PERIODS, Figure, current, read_totals, settled
from cxmetrics.published.schema import without_value
from cxmetrics.reports import printing
from cxmetrics.terminal import one_line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.panel import Panel
    from rich.text import Text

    from cxmetrics.definitions.calendar import Calendar
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.engines.interface import Connection
    from cxmetrics.published.build_info import BuildInfo

BARS = "▁▂▃▄▅▆▇█"
GAP = "·"
# Two panels of this width stand side by side; on anything narrower they are stacked, and may be a little wider.
PANEL_WIDTH = 80
STACKED_WIDTH = 100
# Below this width numbers are folded too, so that every column keeps some room.
UNFOLDED_WIDTH = 76
CAPTION = "Service is a part of experience: the service stage of the journey is judged in both."
# Words and style of what a value says of its target.
TARGET_WORDS = {
    "met": ("met", "green"),
    "missed": ("missed", "red"),
    "unclear": ("unclear", "yellow"),
    "none": ("no target", ""),
}
TOLD = (
    "value",
    "n",
    "ci_low",
    "ci_high",
    "response_rate",
    "low_response",
    "baseline",
    "baseline_n",
    "difference",
    "difference_low",
    "difference_high",
    "series_break",
    "status",
    "target",
    "target_status",
)


@dataclass(frozen=True)
class Line:
    """One metric with its current figure; ``trend`` ends with that period, oldest first."""

    metric: Metric
    figure: Figure
    trend: tuple[float | None, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON, at full precision."""
        return {
            "metric": self.metric.name,
            "label": self.metric.label,
            "domain": self.metric.domain,
            "group": self.metric.group,
            "unit": self.metric.meta.unit,
            "direction": self.metric.meta.direction,
            "period_start": self.figure.period_start.isoformat(),
            **{name: getattr(self.figure, name) for name in TOLD},
            "trend": list(self.trend),
        }


def scorecard(
    connection: Connection,
    metrics: Sequence[Metric],
    grain: str,
    as_of: datetime.datetime,
    calendar: Calendar = ISO,
) -> list[Line]:
    """One line per metric that has this grain, in the order given. Raises CxError when no metric has a period that is
    over."""
    totals = read_totals(connection, [grain])
    lines = []
    for metric in metrics:
        if grain in metric.meta.grains:
            over = settled(totals.get(metric.name, []), metric.meta.maturity_days, as_of, calendar)
            if now := current(over):
                lines.append(Line(metric, now, tuple(figure.value for figure in over[-TREND_PERIODS:])))
    if not lines:
        raise CxError("no period of this grain is over yet", got=grain, next_step="cx scorecard --grain day")
    return lines


def as_json(lines: Sequence[Line], info: BuildInfo, grain: str) -> str:
    """The lines of each domain, at full precision."""
    domains = {domain: [line.as_dict() for line in lines if line.metric.domain == domain] for domain in DOMAIN_LABELS}
    return printing.as_json({"grain": grain, **info.as_dict(), "domains": domains})


def terminal(lines: Sequence[Line], info: BuildInfo, grain: str) -> RenderableType:
    """A panel for each domain, side by side where the terminal is wide enough."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    newest = Counter(line.figure.period_start for line in lines).most_common(1)[0][0]
    is_wide = printing.width() >= 2 * PANEL_WIDTH
    panels = [
        _panel(domain, [line for line in lines if line.metric.domain == domain], newest, grain)
        for domain in DOMAIN_LABELS
    ]
    for panel in panels:
        panel.width = PANEL_WIDTH if is_wide else min(STACKED_WIDTH, printing.width())
    foot = [Text(CAPTION, style="italic")]
    if any(line.figure.low_response for line in lines):
        foot.append(Text(LEGEND, style="italic"))
    head = [Text(f"{period_name(newest, grain, is_short=True)}, {printing.rests_on(info)}")]
    if info.is_synthetic:
        head.insert(0, Text(f" {printing.BANNER} ", style="bold black on yellow"))
    if is_wide:
        side_by_side = Table.grid(padding=(0, 0))
        side_by_side.add_row(*panels)
        return Group(*head, side_by_side, *foot)
    return Group(*head, *panels, *foot)


def _panel(domain: str, lines: Sequence[Line], newest: datetime.date, grain: str) -> Panel:
    from rich import box
    from rich.panel import Panel
    from rich.table import Table

    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, expand=True, header_style="dim")
    is_unfolded = printing.width() >= UNFOLDED_WIDTH
    grid.add_column("metric", overflow="fold")
    grid.add_column("value", justify="right", no_wrap=is_unfolded, overflow="fold")
    for name in ("trend", "target"):
        grid.add_column(name, no_wrap=is_unfolded, overflow="fold")
    for line in lines:
        grid.add_row(*_cells(line, newest, grain))
    if not lines:
        grid.add_row("no metric has this grain", "", "", "")
    return Panel(grid, title=DOMAIN_LABELS[domain], title_align="left", box=box.ROUNDED)


def _cells(line: Line, newest: datetime.date, grain: str) -> list[Text]:
    """Two lines a metric: label, value, trend, target; below them who answers, the interval, n and the status."""
    from rich.text import Text

    unit, figure = line.metric.shown_unit, line.figure
    # A metric with a maturity window is some periods behind the others, and says so.
    is_behind = figure.period_start != newest
    period = f", {period_name(figure.period_start, grain, is_short=True)}" if is_behind else ""
    mark = f" {LOW_MARK}" if figure.low_response and figure.value is not None else ""
    is_missing = figure.value is None
    value = (without_value(figure.status), "dim") if is_missing else (format_value(figure.value, unit), "bold")
    has_interval = figure.ci_low is not None or not is_missing
    interval = format_interval(figure.ci_low, figure.ci_high, unit) if has_interval else ""
    aim = "" if figure.target is None else f" ({_aim(line)} {format_value(figure.target, unit)})"
    status = "" if figure.status in ("ok", "no_data", "not_pooled", "not_reached") else humanized(figure.status)
    return [
        Text.assemble(f"{one_line(line.metric.label)}\n", (f"{line.metric.group}{period}", "dim")),
        Text.assemble(value, f"{mark}\n", (interval, "dim")),
        Text.assemble(f"{sparkline(line.trend)}\n", (f"n = {figure.n:,}", "dim")),
        Text.assemble(TARGET_WORDS[figure.target_status], f"{aim}\n", (status, "dim")),
    ]


def _aim(line: Line) -> str:
    return {"up": "≥", "down": "≤"}.get(line.metric.meta.direction, "")


def sparkline(values: Sequence[float | None]) -> str:
    """Values as bars from lowest to highest; a dot where there is none, the middle where all are equal."""
    known = [value for value in values if value is not None]
    if not known:
        return GAP * len(values)
    low, span = min(known), max(known) - min(known)
    middle = BARS[len(BARS) // 2 - 1]

    def bar(value: float) -> str:
        return BARS[round((value - low) / span * (len(BARS) - 1))] if span else middle

    return "".join(GAP if value is None else bar(value) for value in values)
