"""Pictures as inline SVG, made at build time: trends by Vega-Lite (through vl-convert), the small ones by hand.

Colours are CSS variables with a light fallback, so one picture reads in light, dark and print. No picture depends on
the machine: positions along the time axis are names rather than dates (no time zone), and margins are fixed rather than
measured (no installed font).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import vl_convert
from markupsafe import Markup

from cxmetrics.site.figures import MATURE, Figure
from cxmetrics.site.wording import MONTHS

INK = "var(--chart-ink, #4a5058)"
GRID = "var(--chart-grid, #d9dde2)"
LINE = "var(--accent, #0b57a4)"
TARGET = "var(--chart-target, #5b4a00)"
SURFACE = "var(--surface, #ffffff)"

TREND_WIDTH, TREND_HEIGHT = 620, 320
TREND_PADDING = {"left": 76, "right": 48, "top": 12, "bottom": 34}
# So few labels that they do not meet even when a phone's style sheet doubles their size, at steps people count in.
TREND_LABELS = 5
LABEL_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 300, 600)

SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 120, 32, 3
SPARK_PERIODS = 24
RANGE_WIDTH, RANGE_HEIGHT, RANGE_EDGE = 160, 14, 5


def trend(figures: Sequence[Figure], grain: str, unit: str) -> Markup | None:
    """Value, interval band and target over time; None without a value. Periods that are not ``ok`` are hollow dots."""
    first = next((i for i, figure in enumerate(figures) if figure.value is not None), None)
    if first is None:
        return None
    svg = vl_convert.vegalite_to_svg(_trend_spec(figures[first:], grain, unit), allowed_base_urls=[])
    # The drawing holds nothing but numbers and period names of ours; vl-convert escapes its texts all the same.
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))


def _trend_spec(figures: Sequence[Figure], grain: str, unit: str) -> dict[str, Any]:
    labels = [_tick(figure.period_start, grain) for figure in figures]
    step = next((step for step in LABEL_STEPS if len(labels) <= step * TREND_LABELS), len(labels))
    x_axis = {"values": labels[(len(labels) - 1) % step :: step], "labelAngle": 0, "grid": False, "labelOverlap": False}
    x = {"field": "period", "type": "ordinal", "sort": None, "title": None, "axis": x_axis}
    return {
        "data": {"values": [_point(label, figure) for label, figure in zip(labels, figures, strict=True)]},
        "width": TREND_WIDTH,
        "height": TREND_HEIGHT,
        "padding": TREND_PADDING,
        "autosize": {"type": "none"},
        "background": "transparent",
        "encoding": {"x": {**x, "scale": {"type": "point", "padding": 0.4}}},
        "layer": _layers(".2~%" if unit == "share" else ",.2~f"),
        "config": {
            "aria": False,
            "font": "sans-serif",
            "view": {"stroke": None},
            "axis": {"labelColor": INK, "labelFontSize": 12, "gridColor": GRID, "domainColor": GRID, "tickColor": GRID},
        },
    }


def _point(label: str, figure: Figure) -> dict[str, Any]:
    return {
        "period": label,
        "value": figure.value,
        "low": figure.ci_low,
        "high": figure.ci_high,
        "target": figure.target,
        "is_ok": figure.status == "ok",
    }


def _layers(number_format: str) -> list[dict[str, Any]]:
    """Band, target, line, full and hollow dots; the first one carries the axis of all."""
    axis = {"format": number_format, "tickCount": 5, "domain": False, "ticks": False}
    aim = {"type": "line", "interpolate": "step-after", "color": TARGET}
    dot = {"type": "point", "size": 34, "stroke": LINE, "strokeWidth": 1.5, "opacity": 1}
    return [
        {
            "mark": {"type": "area", "color": LINE, "opacity": 0.2},
            "encoding": {
                "y": {**_y("low"), "scale": {"zero": False, "nice": True}, "axis": axis},
                "y2": {"field": "high"},
            },
        },
        _layer({**aim, "strokeDash": [6, 4], "strokeWidth": 1.5}, "target"),
        _layer({"type": "line", "color": LINE, "strokeWidth": 2}, "value"),
        {**_layer({**dot, "fill": LINE}, "value"), "transform": [{"filter": "datum.is_ok"}]},
        {
            **_layer({**dot, "fill": SURFACE}, "value"),
            "transform": [{"filter": "!datum.is_ok && isValid(datum.value)"}],
        },
    ]


def _layer(mark: dict[str, Any], field: str) -> dict[str, Any]:
    return {"mark": mark, "encoding": {"y": _y(field)}}


def _y(field: str) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "title": None}


def _tick(start: datetime.date, grain: str) -> str:
    """A short name of a period; unlike a date it has no time zone."""
    if grain == "year":
        return str(start.year)
    if grain == "quarter":
        return f"Q{(start.month + 2) // 3} {start.year}"
    if grain == "month":
        return f"{MONTHS[start.month - 1][:3]} {start.year}"
    return f"{start.day} {MONTHS[start.month - 1][:3]} {start.year}"


def sparkline(figures: Sequence[Figure]) -> Markup | None:
    """The last mature values as a small line with a dot at the newest; None with fewer than two values."""
    shown = [figure for figure in figures if figure.status in MATURE or figure.status == "no_data"][-SPARK_PERIODS:]
    values = [figure.value for figure in shown]
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    target = next((figure.target for figure in reversed(shown) if figure.target is not None), None)
    y = Scale.over([*known, target], SPARK_HEIGHT - SPARK_EDGE, SPARK_EDGE)
    x = Scale(0, len(values) - 1, SPARK_EDGE, SPARK_WIDTH - SPARK_EDGE)
    points = [(x(i), None if value is None else y(value)) for i, value in enumerate(values)]
    path = " ".join(
        f"{'M' if i == 0 or points[i - 1][1] is None else 'L'}{px} {py}"
        for i, (px, py) in enumerate(points)
        if py is not None
    )
    last_x, last_y = next(point for point in reversed(points) if point[1] is not None)
    aim = "" if target is None else f'<path class="aim" d="M0 {y(target)}H{SPARK_WIDTH}"/>'
    return _svg(
        "spark", SPARK_WIDTH, SPARK_HEIGHT, f'{aim}<path d="{path}"/><circle cx="{last_x}" cy="{last_y}" r="3"/>'
    )


def interval_scale(figures: Sequence[Figure]) -> Scale:
    """One horizontal scale for the intervals of all ``figures``, so that rows of a table can be compared.

    It reaches to the targets that are near; one far away would squeeze every interval into a dot.
    """
    ends = [end for f in figures for end in (f.ci_low, f.value, f.ci_high) if end is not None]
    reach = max(ends, default=0.0) - min(ends, default=0.0)
    targets = {figure.target for figure in figures if figure.target is not None}
    near = [target for target in targets if ends and min(ends) - reach <= target <= max(ends) + reach]
    return Scale.over([*ends, *near], RANGE_EDGE, RANGE_WIDTH - RANGE_EDGE)


def interval_bar(figure: Figure, scale: Scale) -> Markup | None:
    """The interval as a line, the value as a dot, the target as a tick; None without a value."""
    if figure.value is None:
        return None
    middle = RANGE_HEIGHT // 2
    low = scale(figure.value if figure.ci_low is None else figure.ci_low)
    high = scale(figure.value if figure.ci_high is None else figure.ci_high)
    is_shown = figure.target is not None and scale.low <= figure.target <= scale.high
    aim = f'<path class="aim" d="M{scale(figure.target)} 0V{RANGE_HEIGHT}"/>' if is_shown else ""
    drawing = f'{aim}<path d="M{low} {middle}H{high}"/><circle cx="{scale(figure.value)}" cy="{middle}" r="3.5"/>'
    return _svg("range", RANGE_WIDTH, RANGE_HEIGHT, drawing)


@dataclass(frozen=True)
class Scale:
    """A linear scale from values to whole pixels: whole numbers keep a page with hundreds of pictures small."""

    low: float
    high: float
    start: int
    end: int

    @classmethod
    def over(cls, values: Sequence[float | None], start: int, end: int) -> Scale:
        """The scale that just holds all values that are known."""
        known = [value for value in values if value is not None] or [0.0]
        return cls(min(known), max(known), start, end)

    def __call__(self, value: float) -> int:
        share = 0.5 if self.high == self.low else (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start))


def _svg(kind: str, width: int, height: int, drawing: str) -> Markup:
    # Only numbers and tags of this module are in the drawing.
    return Markup(
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true"'
        f' focusable="false">{drawing}</svg>'
    )
