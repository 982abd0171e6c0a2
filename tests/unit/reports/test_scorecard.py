"""Which figures are on the scorecard; what it looks like is tested with the command."""

import datetime
from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.registry import engine_for
from cxmetrics.errors import CxError
from cxmetrics.published.figures import TREND_PERIODS, read_figures
from cxmetrics.published.schema import published_metrics
from cxmetrics.reports.scorecard import scorecard, sparkline

AS_OF = datetime.datetime(2026, 3, 31, 23, 59, 59)

pytestmark = pytest.mark.usefixtures("inside_published")


def test_trends_hold_at_most_twelve_periods(inside_published: Path, cx_project: Project):
    with duckdb.connect(str(inside_published / "cx.duckdb"), read_only=True) as connection:
        (line,) = scorecard(connection, [cx_project.metrics()["proactive_contact_share"]], "day", AS_OF)
    assert len(line.trend) == TREND_PERIODS
    assert line.figure.period_start == AS_OF.date()


def test_the_scorecard_and_the_site_have_the_same_current_values(inside_published: Path, cx_project: Project):
    placed = Project(cx_project.root)
    metrics = published_metrics(placed)
    info, figures = read_figures(engine_for(placed), metrics)
    with duckdb.connect(str(inside_published / "cx.duckdb"), read_only=True) as connection:
        lines = scorecard(connection, metrics, "month", info.as_of)
    shown = {line.metric.name: (line.figure, line.trend) for line in lines}
    of_site = {name: own for name, own in figures.items() if own.now}
    assert {name: figure for name, (figure, _) in shown.items()} == {name: own.now for name, own in of_site.items()}
    for name, own in of_site.items():
        assert shown[name][1] == tuple(figure.value for figure in own.settled[-TREND_PERIODS:])
    # Both kinds are among them.
    assert {figure.status == "no_data" for figure, _ in shown.values()} == {True, False}


def test_before_any_period_is_over_there_is_no_scorecard(inside_published: Path, cx_project: Project):
    with duckdb.connect(str(inside_published / "cx.duckdb"), read_only=True) as connection:
        metrics = [cx_project.metrics()["advocacy_rate"]]
        with pytest.raises(CxError, match="no period of this grain is over yet"):
            scorecard(connection, metrics, "year", AS_OF)


@pytest.mark.parametrize(
    ("values", "line"),
    [((0, 1), "▁█"), ((1, None, 3), "▁·█"), ((5, 5), "▄▄"), ((None, None), "··"), ((), ""), ((0, 0.5, 1), "▁▅█")],
)
def test_a_sparkline_runs_from_lowest_to_highest(values: tuple[float | None, ...], line: str):
    assert sparkline(values) == line
