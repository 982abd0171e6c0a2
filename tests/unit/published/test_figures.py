"""What counts as the number of today."""

from __future__ import annotations

import datetime

from cxmetrics.published.figures import Figure, MetricFigures, current, settled

MATURITY_DAYS = 7


def _trend(*statuses: str) -> list[Figure]:
    """Months from January 2025 on."""
    values = [None if status == "no_data" else 1.0 for status in statuses]
    return [
        Figure("rate", "month", datetime.date(2025, i, 1), "all", "all", value, 1, 0, 2, status, None, "none", 1)
        for i, (status, value) in enumerate(zip(statuses, values, strict=True), start=1)
    ]


def _settled(as_of: str, *statuses: str) -> tuple[Figure, ...]:
    return settled(_trend(*statuses), MATURITY_DAYS, datetime.datetime.fromisoformat(as_of))


def test_the_current_figure_is_that_of_the_newest_period_that_can_no_longer_change() -> None:
    now = current(_settled("2025-03-31 23:59:59", "ok", "insufficient_sample", "immature"))
    assert now is not None and (now.period_start.month, now.status) == (2, "insufficient_sample")


def test_a_settled_period_without_data_is_the_current_one_and_says_so() -> None:
    now = current(_settled("2025-04-07 23:59:59", "ok", "ok", "no_data", "no_data"))
    assert now is not None and (now.period_start.month, now.value, now.status) == (3, None, "no_data")


def test_a_period_without_data_whose_window_is_not_over_is_not_settled() -> None:
    now = current(_settled("2025-04-07 23:59:58", "ok", "ok", "no_data"))
    assert now is not None and now.period_start.month == 2


def test_there_is_no_current_figure_before_a_period_is_settled() -> None:
    assert current(_settled("2025-01-31 23:59:59", "no_data")) is None
    assert current(_settled("2025-01-31 23:59:59", "immature")) is None


def test_periods_without_data_are_counted_back_to_the_last_value() -> None:
    figures = MetricFigures(settled=_settled("2025-12-31", "no_data", "ok", "no_data", "no_data"))
    assert figures.last_known is not None and figures.last_known.period_start.month == 2
    assert figures.empty_periods == 2
    assert MetricFigures(settled=_settled("2025-12-31", "no_data", "ok")).empty_periods == 0
    nothing = MetricFigures(settled=_settled("2025-12-31", "no_data", "no_data"))
    assert (nothing.last_known, nothing.empty_periods) == (None, 0)
