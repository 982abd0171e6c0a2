"""Pictures: what is drawn, and what is not."""

from __future__ import annotations

import dataclasses
import datetime
import re

from cxmetrics.published.figures import Figure
from cxmetrics.site.charts import Scale, interval_bar, interval_scale, sparkline, trend


def _month(number: int, value: float | None, *, status: str = "ok", target: float | None = None) -> Figure:
    start = datetime.date(2025 + number // 12, number % 12 + 1, 1)
    low, high = (None, None) if value is None else (value - 1, value + 1)
    n = 0 if value is None else 50
    return Figure("rate", "month", start, "all", "all", value, n, low, high, status, target, "none", 1)


def test_nothing_is_drawn_without_a_value() -> None:
    empty = [_month(number, None, status="no_data") for number in range(3)]
    assert trend(empty, "month", "points") is None
    assert sparkline(empty) is None
    assert interval_bar(empty[0], interval_scale(empty)) is None


def test_a_period_without_data_breaks_the_line() -> None:
    figures = [_month(0, 1.0), _month(1, 2.0), _month(2, None, status="no_data"), _month(3, 4.0), _month(4, 5.0)]
    assert re.findall(r"[ML](?=\d)", _path(sparkline(figures))) == ["M", "L", "M", "L"]


def test_a_sparkline_shows_the_last_twelve_values() -> None:
    figures = [_month(number, float(number)) for number in range(15)]
    assert sparkline(figures) == sparkline(figures[3:])
    assert sparkline(figures) != sparkline(figures[4:])


def test_a_trend_marks_what_is_not_settled_with_a_hollow_dot() -> None:
    figures = [_month(0, 1.0), _month(1, 2.0, status="insufficient_sample"), _month(2, 3.0, status="immature")]
    svg = trend(figures, "month", "points")
    assert svg is not None
    assert re.findall(r'class="(dot[^"]*)"', svg) == ["dot", "dot open", "dot open"]


def test_a_trend_depends_on_no_time_zone_and_starts_with_the_first_value() -> None:
    svg = trend([_month(0, None, status="no_data"), _month(1, 1.0), _month(2, 2.0)], "month", "points")
    assert svg is not None
    assert re.findall(r">(\w+ \d{4})<", svg) == ["Feb 2025", "Mar 2025"]


def test_a_target_far_away_does_not_squeeze_the_intervals() -> None:
    near, far = _month(0, 10.0, target=12.5), _month(0, 10.0, target=500.0)
    assert interval_scale([near]).high == 12.5
    assert interval_scale([far]).high == 11.0
    assert "aim" in (interval_bar(near, interval_scale([near])) or "")
    assert "aim" not in (interval_bar(far, interval_scale([far])) or "")


def test_an_open_end_of_an_interval_is_drawn_up_to_the_value() -> None:
    half_open = dataclasses.replace(_month(0, 10.0), ci_low=None)
    assert _path(interval_bar(half_open, Scale(10.0, 11.0, 0, 100))) == "M0 7H100"


def _path(svg: str | None) -> str:
    found = re.search(r'<path d="([^"]*)"', svg or "")
    assert found is not None
    return found[1]
