"""What a page shows of a metric, before any HTML."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.published.figures import Figure, MetricFigures
from cxmetrics.site.pages import DIMENSION_ROWS, Catalogue, target_state
from cxmetrics.site.prose import DocTexts, Prose
from support.copied_project import SmallProject


def _figure(status: str = "ok", target_status: str = "met", **changed: object) -> Figure:
    value = None if status == "no_data" else 0.1
    given = {
        "metric": "reopen_rate", "grain": "month", "period_start": datetime.date(2026, 1, 1), "dimension": "all",
        "dimension_value": "all", "value": value, "n": 40, "ci_low": None, "ci_high": None, "status": status,
        "target": 0.2, "target_status": target_status, "version": 1,
    }  # fmt: skip
    return Figure(**(given | changed))


@pytest.fixture
def without_example(small: SmallProject) -> Project:
    """The small project, whose golden cases are of a model that it does not have."""
    small.remove("tests/metrics/service/reopen_rate.yml")
    return small.project


def _catalogue(project: Project) -> Catalogue:
    return Catalogue(project, project.metrics(), DocTexts(()), Prose(lambda name: None))


@pytest.mark.parametrize(
    ("settled", "state"),
    [
        ([], "no_data"),
        ([_figure(), _figure("no_data", "none")], "no_data"),
        ([_figure("insufficient_sample", "unclear")], "insufficient_sample"),
        ([_figure("no_data", "none"), _figure(target_status="missed")], "missed"),
    ],
)
def test_the_state_of_a_metric_is_that_of_its_current_figure(settled: list[Figure], state: str) -> None:
    assert target_state(MetricFigures(settled=tuple(settled))) == state


def test_a_dimension_shows_its_largest_values_first_and_says_how_many_are_left_out(without_example: Project) -> None:
    project = without_example
    metric = project.metrics()["reopen_rate"]
    name = metric.meta.dimensions[0]
    sliced = tuple(
        _figure(grain="all", dimension=name, dimension_value=f"value {number}", n=number)
        for number in range(DIMENSION_ROWS + 3)
    )
    (table, *_) = _catalogue(project).page(metric, MetricFigures(sliced=sliced)).dimensions
    assert (table.name, table.left_out, len(table.rows)) == (name, 3, DIMENSION_ROWS)
    assert [row.value for row in table.rows[:2]] == [f"value {DIMENSION_ROWS + 2}", f"value {DIMENSION_ROWS + 1}"]
    assert table.rows[0].now is None and table.rows[0].overall is sliced[-1]


def test_figures_of_another_version_are_outdated(without_example: Project) -> None:
    project = without_example
    metric = project.metrics()["reopen_rate"]
    version = metric.meta.version
    for trend, is_outdated in ([_figure(version=version)], False), ([_figure(version=version + 1)], True):
        page = _catalogue(project).page(metric, MetricFigures(trend=tuple(trend)))
        assert page.is_outdated == is_outdated


def test_a_group_without_an_owner_is_called_by_its_own_name(small: SmallProject) -> None:
    assert _catalogue(small.project).owner("first_line") == "first line"


def test_without_a_seed_there_are_no_stages(small: SmallProject) -> None:
    stages: Path = small.root / "seeds" / "journey_stages.csv"
    assert _catalogue(small.project).stages()
    stages.unlink()
    assert _catalogue(small.project).stages() == []
