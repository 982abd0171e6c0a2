"""What counts as the number of today."""

from __future__ import annotations

import datetime

from cxmetrics.published.figures import Figure, MetricFigures


def _trend(*statuses: str) -> MetricFigures:
    values = [None if status == "no_data" else 1.0 for status in statuses]
    return MetricFigures(
        trend=tuple(
            Figure("rate", "month", datetime.date(2025, i, 1), "all", "all", value, 1, 0, 2, status, None, "none", 1)
            for i, (status, value) in enumerate(zip(statuses, values, strict=True), start=1)
        )
    )


def test_now_is_the_latest_period_that_can_no_longer_change() -> None:
    now = _trend("ok", "insufficient_sample", "immature", "no_data").now
    assert now is not None and now.period_start.month == 2


def test_there_is_no_now_before_a_period_is_mature() -> None:
    figures = _trend("no_data", "immature")
    assert figures.now is None
    assert figures.empty_periods_since == 0


def test_periods_without_data_after_now_are_counted() -> None:
    assert _trend("no_data", "ok", "no_data", "no_data").empty_periods_since == 2
    assert _trend("no_data", "ok", "immature").empty_periods_since == 0
