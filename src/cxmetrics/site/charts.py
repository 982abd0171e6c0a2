"""Pictures as inline SVG, drawn at build time: trends, sparklines, intervals and the flow of contacts.

Drawn by hand, because a charting library takes some thirty milliseconds and 12 KB for a trend, and a site has thousands
of pictures. Colours are those of the style sheet, so one picture reads in light, dark and print. Nothing is measured on
the machine that builds: no time zone and no installed font can show.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from cxmetrics.definitions.periods import period_name
from cxmetrics.published.figures import TREND_PERIODS, Figure

TREND_WIDTH, TREND_HEIGHT = 680, 300
TREND_TOP, TREND_RIGHT, TREND_BOTTOM = 14, 40, 34
LETTER_WIDTH = 7.5
# So few labels that they do not meet even when a phone's style sheet doubles their size, at steps people count in.
TREND_LABELS = 5
LABEL_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 300, 600)

SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 96, 28, 3
RANGE_WIDTH, RANGE_HEIGHT, RANGE_EDGE = 160, 14, 5


def trend(figures: Sequence[Figure], grain: str, unit: str) -> Markup | None:
    """Value, interval band and target over time; None without a value. Periods that are not ``ok`` are hollow dots."""
    first = next((i for i, figure in enumerate(figures) if figure.value is not None), None)
    if first is None:
        return None
    shown = figures[first:]
    known = [end for f in shown for end in (f.value, f.ci_low, f.ci_high, f.target) if end is not None]
    ticks = _ticks(min(known), max(known))
    labels = [_axis_label(tick, unit) for tick in ticks]
    left = round(LETTER_WIDTH * max(map(len, labels))) + 14
    y = Scale(ticks[0], ticks[-1], TREND_HEIGHT - TREND_BOTTOM, TREND_TOP)
    x = Scale(0, max(len(shown) - 1, 1), left + 8, TREND_WIDTH - TREND_RIGHT)
    drawing = "".join(
        [
            *(_grid_line(y(tick), label, left) for tick, label in zip(ticks, labels, strict=True)),
            *_period_labels(shown, grain, x),
            *_band(shown, x, y),
            _line("aim", [(x(i), None if f.target is None else y(f.target)) for i, f in enumerate(shown)]),
            _line("line", [point for i, f in enumerate(shown) for point in _points(f, x(i), y)]),
            *_dots(shown, x, y),
        ]
    )
    return _svg("plot", TREND_WIDTH, TREND_HEIGHT, drawing)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from below ``low`` to above ``high``, some four steps."""
    span = high - low or abs(high) or 1.0
    magnitude = 10 ** math.floor(math.log10(span / 4))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= span / 4.5)
    start = math.floor(low / step + 1e-9)
    end = max(math.ceil(high / step - 1e-9), start + 1)
    return [round(number * step, 12) for number in range(start, end + 1)]


def _axis_label(value: float, unit: str) -> str:
    return f"{round(100 * value, 8):g} %" if unit == "share" else f"{value:,.10g}"


def _grid_line(y: int, label: str, left: int) -> str:
    line = f'<path class="grid" d="M{left} {y}H{TREND_WIDTH - TREND_RIGHT + 8}"/>'
    return f'{line}<text x="{left - 8}" y="{y + 4}" text-anchor="end">{label}</text>'


def _period_labels(shown: Sequence[Figure], grain: str, x: Scale) -> Iterator[str]:
    step = next((step for step in LABEL_STEPS if len(shown) <= step * TREND_LABELS), len(shown))
    for i in range((len(shown) - 1) % step, len(shown), step):
        # Labels are short: a week is named by its first day.
        label = period_name(shown[i].period_start, "day" if grain == "week" else grain, is_short=True)
        yield f'<text x="{x(i)}" y="{TREND_HEIGHT - 10}" text-anchor="middle">{label}</text>'


def _band(shown: Sequence[Figure], x: Scale, y: Scale) -> Iterator[str]:
    """The intervals, as one area for each stretch of periods that have one; an open end reaches to the edge."""
    stretch: list[tuple[int, int, int]] = []
    for i, figure in enumerate([*shown, None]):
        if figure is not None and (figure.ci_low is not None or figure.ci_high is not None):
            low = y.start if figure.ci_low is None else y(figure.ci_low)
            stretch.append((x(i), low, y.end if figure.ci_high is None else y(figure.ci_high)))
            continue
        if len(stretch) == 1:  # an area of one period has no width
            px, low, high = stretch[0]
            yield f'<path class="band" d="M{px - 4} {low}H{px + 4}V{high}H{px - 4}z"/>'
        elif stretch:
            lower = "L".join(f"{px} {low}" for px, low, _ in stretch)
            upper = "L".join(f"{px} {high}" for px, _, high in reversed(stretch))
            yield f'<path class="band" d="M{lower}L{upper}z"/>'
        stretch = []


def _points(figure: Figure, px: int, y: Scale) -> list[tuple[int, int | None]]:
    """Where the line passes; it does not lead to a value that is not comparable with the one before."""
    point = (px, None if figure.value is None else y(figure.value))
    return [(px, None), point] if figure.series_break else [point]


def _line(kind: str, points: Sequence[tuple[int, int | None]]) -> str:
    path = _path(points)
    return f'<path class="{kind}" d="{path}"/>' if path else ""


def _path(points: Sequence[tuple[int, int | None]]) -> str:
    """A line through the points; it breaks where one is unknown."""
    return "".join(
        f"{'M' if i == 0 or points[i - 1][1] is None else 'L'}{px} {py}"
        for i, (px, py) in enumerate(points)
        if py is not None
    )


def _dots(shown: Sequence[Figure], x: Scale, y: Scale) -> Iterator[str]:
    for i, figure in enumerate(shown):
        if figure.value is not None:
            kind = "dot" if figure.status == "ok" else "dot open"
            yield f'<circle class="{kind}" cx="{x(i)}" cy="{y(figure.value)}" r="3.5"/>'


def sparkline(settled: Sequence[Figure]) -> Markup | None:
    """The last settled values as a small line with a dot at the newest; None with fewer than two values."""
    shown = settled[-TREND_PERIODS:]
    target = next((figure.target for figure in reversed(shown) if figure.target is not None), None)
    return spark([figure.value for figure in shown], target)


def spark(values: Sequence[float | None], target: float | None = None, scale: Scale | None = None) -> Markup | None:
    """Values as a small line with a dot at the newest; None with fewer than two. ``scale`` makes several comparable."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    y = scale or Scale.over([*known, target], SPARK_HEIGHT - SPARK_EDGE, SPARK_EDGE)
    x = Scale(0, len(values) - 1, SPARK_EDGE, SPARK_WIDTH - SPARK_EDGE)
    points = [(x(i), None if value is None else y(value)) for i, value in enumerate(values)]
    last_x, last_y = next(point for point in reversed(points) if point[1] is not None)
    aim = ""
    if target is not None and y.low <= target <= y.high:
        aim = f'<path class="aim" d="M0 {y(target)}H{SPARK_WIDTH}"/>'
    drawing = f'{aim}<path d="{_path(points)}"/><circle cx="{last_x}" cy="{last_y}"/>'
    # Two hundred pictures a page: the style sheet says how large they are.
    html = f'<svg class=spark viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}">{drawing}</svg>'
    return Markup(html)  # noqa: S704 (only numbers and tags of this module)


def spark_scale(rows: Iterable[Sequence[float | None]], target: float | None) -> Scale:
    """One scale for the sparklines of all ``rows``, so that they can be compared; with the target where it is near."""
    known = [value for row in rows for value in row if value is not None]
    reach = max(known, default=0.0) - min(known, default=0.0)
    is_near = target is not None and bool(known) and min(known) - reach <= target <= max(known) + reach
    return Scale.over([*known, target if is_near else None], SPARK_HEIGHT - SPARK_EDGE, SPARK_EDGE)


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
    return interval_mark(figure.value, figure.ci_low, figure.ci_high, figure.target, scale)


def interval_mark(value: float, low: float | None, high: float | None, aim: float | None, scale: Scale) -> Markup:
    """A value with its interval on a scale; ``aim`` is marked where the scale reaches it."""
    middle = RANGE_HEIGHT // 2
    start, end = scale(value if low is None else low), scale(value if high is None else high)
    mark = ""
    if aim is not None and scale.low <= aim <= scale.high:
        mark = f'<path class="aim" d="M{scale(aim)} 0V{RANGE_HEIGHT}"/>'
    drawing = f'{mark}<path d="M{start} {middle}H{end}"/><circle cx="{scale(value)}" cy="{middle}" r="3.5"/>'
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


FLOW_WIDTH, FLOW_BAR, FLOW_GAP, FLOW_LABEL = 860, 12, 12, 132
FLOW_HEIGHT = 400


def flow(links: Sequence[tuple[tuple[str, ...], int]]) -> Markup | None:
    """Bands from column to column, as wide as what flows. ``links``: the names a count passes, in order of the columns.

    The order of the first names is kept in every column. None when nothing flows.
    """
    total = sum(count for _, count in links)
    if not total:
        return None
    columns = len(links[0][0])
    bars = [_flow_column([(names[i], count) for names, count in links], total) for i in range(columns)]
    step = (FLOW_WIDTH - 2 * FLOW_LABEL - FLOW_BAR) // (columns - 1)
    lefts = [FLOW_LABEL + i * step for i in range(columns)]
    ribbons = "".join(
        _ribbons(links, i, lefts[i] + FLOW_BAR, lefts[i + 1], bars[i], bars[i + 1], total) for i in range(columns - 1)
    )
    labels = "".join(
        _flow_bar(name, top, height, lefts[i], is_first=i == 0, is_last=i == columns - 1)
        for i, column in enumerate(bars)
        for name, (top, height) in column.items()
    )
    return _svg("flow", FLOW_WIDTH, FLOW_HEIGHT, ribbons + labels)


def _flow_column(parts: Sequence[tuple[str, int]], total: int) -> dict[str, tuple[float, float]]:
    """Name -> top and height of its bar."""
    sums: dict[str, int] = {}
    for name, count in parts:
        sums[name] = sums.get(name, 0) + count
    room = FLOW_HEIGHT - 2 * FLOW_GAP - FLOW_GAP * (len(sums) - 1)
    top, bars = float(FLOW_GAP), {}
    for name, count in sums.items():
        bars[name] = (top, room * count / total)
        top += bars[name][1] + FLOW_GAP
    return bars


def _ribbons(
    links: Sequence[tuple[tuple[str, ...], int]],
    column: int,
    start: int,
    end: int,
    left: dict[str, tuple[float, float]],
    right: dict[str, tuple[float, float]],
    total: int,
) -> str:
    pairs: dict[tuple[str, str], int] = {}
    for names, count in links:
        pair = (names[column], names[column + 1])
        pairs[pair] = pairs.get(pair, 0) + count
    scales = [sum(height for _, height in bars.values()) / total for bars in (left, right)]
    used_left, used_right = dict.fromkeys(left, 0.0), dict.fromkeys(right, 0.0)
    drawn, middle = [], (start + end) // 2
    for (source, goal), count in pairs.items():
        y1, y2 = left[source][0] + used_left[source], right[goal][0] + used_right[goal]
        h1, h2 = count * scales[0], count * scales[1]
        used_left[source] += h1
        used_right[goal] += h2
        drawn.append(
            f'<path class="ribbon" d="M{start} {y1:.1f}C{middle} {y1:.1f} {middle} {y2:.1f} {end} {y2:.1f}'
            f"V{y2 + h2:.1f}"
            f'C{middle} {y2 + h2:.1f} {middle} {y1 + h1:.1f} {start} {y1 + h1:.1f}z"/>'
        )
    return "".join(drawn)


def _flow_bar(name: str, top: float, height: float, left: int, *, is_first: bool, is_last: bool) -> str:
    x = left - 8 if is_first else left + FLOW_BAR + 8
    anchor = "end" if is_first else "start"
    kind = "" if is_first or is_last else ' class="inner"'
    return (
        f'<rect x="{left}" y="{top:.1f}" width="{FLOW_BAR}" height="{max(height, 1):.1f}"/>'
        f'<text{kind} x="{x}" y="{top + height / 2 + 4:.1f}" text-anchor="{anchor}">{escape(name)}</text>'
    )


def _svg(kind: str, width: int, height: int, drawing: str) -> Markup:
    # Only numbers and tags of this module are in the drawing; names are escaped.
    return Markup(  # noqa: S704
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true"'
        f' focusable="false">{drawing}</svg>'
    )
