"""``cx scorecard``: service and experience side by side."""

from __future__ import annotations

import datetime
import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.commands.target import Target
from cxmetrics.errors import CxError

if TYPE_CHECKING:
    from rich.console import JustifyMethod, RenderableType
    from rich.panel import Panel

    from cxmetrics.reports.query import BuildInfo
    from cxmetrics.reports.scorecard import Line

# Two panels of this width stand side by side; on anything narrower they are stacked, and may be a little wider.
PANEL_WIDTH = 80
STACKED_WIDTH = 100
# Below this width numbers are folded too, so that every column keeps some room.
UNFOLDED_WIDTH = 76
CAPTION = "Service is a part of experience: the service stage of the journey is judged in both."
TITLES = {"service": "Customer service", "experience": "Customer experience"}
STATES = {
    "met": "[green]met[/]",
    "missed": "[red]missed[/]",
    "unclear": "[yellow]unclear[/]",
    "none": "no target",
}


def scorecard(
    grain: Annotated[str, typer.Option(help="day, week, month, quarter, year or all.")] = "month",
    target: Target = None,
    json: Annotated[bool, typer.Option("--json", help="Print the scorecard as JSON.")] = False,
) -> None:
    """Show service and experience side by side: value, interval, trend, target and who answers for it."""
    from cxmetrics.definitions.metric import GRAINS
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.registry import engine_for
    from cxmetrics.measure.metric_values import published_metrics
    from cxmetrics.reports.query import build_info
    from cxmetrics.reports.scorecard import scorecard as read

    if grain not in GRAINS:
        raise CxError("this is not a grain", got=grain, allowed=GRAINS)
    project = Project.find()
    engine = engine_for(project, target)
    with engine.published() as connection:
        try:
            info = build_info(connection)
            lines = read(connection, published_metrics(project), grain)
        except engine.failure as error:
            what = f"what was published cannot be read: {str(error).splitlines()[0]}"
            raise CxError(what, file=engine.published_place, next_step="cx build") from error
    if json:
        _print_json(lines, info, grain)
    else:
        from cxmetrics.reports.printing import rendered

        sys.stdout.write(rendered(_shown(lines, info, grain)))


def _print_json(lines: list[Line], info: BuildInfo, grain: str) -> None:
    import json

    domains = {domain: [line.as_dict() for line in lines if line.metric.domain == domain] for domain in TITLES}
    sys.stdout.write(json.dumps({"grain": grain, **info.as_dict(), "domains": domains}, indent=2) + "\n")


def _shown(lines: list[Line], info: BuildInfo, grain: str) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from cxmetrics.measure.response import LEGEND
    from cxmetrics.reports.printing import width

    newest = Counter(line.period_start for line in lines).most_common(1)[0][0]
    is_wide = width() >= 2 * PANEL_WIDTH
    panels = [
        _panel(domain, [line for line in lines if line.metric.domain == domain], newest, grain) for domain in TITLES
    ]
    for panel in panels:
        panel.width = PANEL_WIDTH if is_wide else min(STACKED_WIDTH, width())
    foot = [Text(CAPTION, style="italic")]
    if any(line.low_response for line in lines):
        foot.append(Text(LEGEND, style="italic"))
    head = [Text(f"{period_name(newest, grain)}, as of {info.as_of:%Y-%m-%d %H:%M} UTC, sources: {info.sources}")]
    if info.is_invented:
        head.insert(0, Text(" INVENTED DEMO DATA: nobody's customers, nobody's numbers ", style="bold black on yellow"))
    if is_wide:
        side_by_side = Table.grid(padding=(0, 0))
        side_by_side.add_row(*panels)
        return Group(*head, side_by_side, *foot)
    return Group(*head, *panels, *foot)


def _panel(domain: str, lines: list[Line], newest: datetime.date, grain: str) -> Panel:
    from rich import box
    from rich.panel import Panel
    from rich.table import Table

    from cxmetrics.reports.printing import width

    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, expand=True, header_style="dim")
    for name in ("metric", "value", "trend", "target"):
        justify: JustifyMethod = "right" if name == "value" else "left"
        grid.add_column(name, justify=justify, no_wrap=name != "metric" and width() >= UNFOLDED_WIDTH)
    for line in lines:
        grid.add_row(*_cells(line, newest, grain))
    if not lines:
        grid.add_row("no metric has this grain", "", "", "")
    return Panel(grid, title=TITLES[domain], title_align="left", box=box.ROUNDED)


def _cells(line: Line, newest: datetime.date, grain: str) -> list[str]:
    """Two lines a metric: label, value, trend, target; below them who answers, the interval, n and the status."""
    from cxmetrics.definitions.units import format_interval, format_value
    from cxmetrics.measure.response import LOW_MARK
    from cxmetrics.reports.scorecard import sparkline

    unit = line.metric.meta.unit
    # A metric with a maturity window is some periods behind the others, and says so.
    period = "" if line.period_start == newest else f", {period_name(line.period_start, grain)}"
    mark = f" {LOW_MARK}" if line.low_response else ""
    value = "[dim]no data[/]" if line.value is None else f"[bold]{format_value(line.value, unit)}[/]{mark}"
    interval = "" if line.value is None else format_interval(line.ci_low, line.ci_high, unit)
    aim = "" if line.target is None else f" ({_aim(line)} {format_value(line.target, unit)})"
    status = "" if line.status in ("ok", "no_data") else line.status.replace("_", " ")
    return [
        f"{line.metric.label}\n[dim]{line.metric.group}{period}[/]",
        f"{value}\n[dim]{interval}[/]",
        f"{sparkline(line.trend)}\n[dim]n = {line.n:,}[/]",
        f"{STATES[line.target_status]}{aim}\n[dim]{status}[/]",
    ]


def _aim(line: Line) -> str:
    return {"up": "≥", "down": "≤"}.get(line.metric.meta.direction, "")


def period_name(start: datetime.date, grain: str) -> str:
    """A period in words: 2026-01-05, week of 2026-01-05, Jan 2026, 2026 Q1, 2026, all time."""
    return {
        "day": start.isoformat(),
        "week": f"week of {start.isoformat()}",
        "month": f"{start:%b %Y}",
        "quarter": f"{start.year} Q{(start.month + 2) // 3}",
        "year": str(start.year),
        "all": "all time",
    }[grain]
