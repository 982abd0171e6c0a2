"""The newest mature value of every metric, with its trend, read from the published ``metric_values``."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxmetrics.errors import CxError
from cxmetrics.measure.metric_values import ALL, LENGTHS, TABLE, TOLERANCE, literal

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric

TREND_PERIODS = 12
BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"
COLUMNS = (
    "period_start",
    "value",
    "n",
    "ci_low",
    "ci_high",
    "response_rate",
    "low_response",
    "status",
    "target",
    "target_status",
)


@dataclass(frozen=True)
class Line:
    """One metric in its newest period that is over and mature; ``trend`` ends with that period, oldest first."""

    metric: Metric
    period_start: datetime.date
    value: float | None
    n: int
    ci_low: float | None
    ci_high: float | None
    response_rate: float | None
    low_response: bool | None
    status: str
    target: float | None
    target_status: str
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
            **{name: getattr(self, name) for name in COLUMNS},
            "period_start": self.period_start.isoformat(),
            "trend": list(self.trend),
        }


def scorecard(connection: Any, metrics: Sequence[Metric], grain: str) -> list[Line]:
    """One line per metric that has this grain, in the order given. Raises CxError when no metric has a period that is
    over."""
    lines = []
    for metric in metrics:
        if grain not in metric.meta.grains:
            continue
        rows = connection.execute(_newest_sql(metric, grain)).fetchall()
        if rows:
            trend = tuple(row[1] for row in reversed(rows))
            lines.append(Line(metric, *rows[0], trend=trend))
    if not lines:
        raise CxError("no period of this grain is over yet", got=grain, next_step="cx scorecard --grain day")
    return lines


def _newest_sql(metric: Metric, grain: str) -> str:
    """The newest periods, newest first, whose end and maturity window lie before the as-of date, also without data."""
    over = "true"
    if grain != ALL:
        ends_at = f"cast(period_start as timestamp) + {LENGTHS[grain]}"
        over = f"{ends_at} + {metric.meta.maturity_days} * interval '1' day <= as_of + {TOLERANCE}"
    return f"""select {", ".join(COLUMNS)} from {TABLE}
where metric = {literal(metric.name)} and grain = {literal(grain)} and slice = '{ALL}' and {over}
order by period_start desc limit {TREND_PERIODS}"""  # noqa: S608


def sparkline(values: Sequence[float | None]) -> str:
    """Values as blocks from lowest to highest; a dot where there is none, the middle where all are equal."""
    known = [value for value in values if value is not None]
    if not known:
        return GAP * len(values)
    low, span = min(known), max(known) - min(known)
    middle = BLOCKS[len(BLOCKS) // 2 - 1]

    def block(value: float) -> str:
        return BLOCKS[round((value - low) / span * (len(BLOCKS) - 1))] if span else middle

    return "".join(GAP if value is None else block(value) for value in values)
