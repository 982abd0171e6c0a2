"""The numbers on the pages of the demo's site are those of ``metric_values`` and of the golden cases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml

from cxmetrics.definitions.project import Project
from cxmetrics.definitions.units import format_interval, format_value, shown_unit
from support.workplace import ROOT

if TYPE_CHECKING:
    from support.visits import Visited
    from support.workplace import Workplace

pytestmark = pytest.mark.xdist_group("browser")

# The latest month in which a metric has a value that can no longer change.
NOW = """
select metric, value, n, ci_low, ci_high, unit from metrics.metric_values
where dimension = 'all' and grain = 'month' and status in ('ok', 'insufficient_sample')
qualify row_number() over (partition by metric order by period_start desc) = 1
"""
# What stands in the tables of a metric's page: every month, and the values of each dimension for all time.
SHOWN = """
select metric, dimension_value, value, n, ci_low, ci_high, unit from metrics.metric_values
where value is not null and status <> 'suppressed'
    and (dimension = 'all' and grain in ('month', 'all') or dimension in ('segment', 'channel') and grain = 'all')
"""


@pytest.fixture(scope="module")
def published(demo: Workplace) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        yield connection


def test_every_published_metric_has_a_page_and_a_tile(
    visited: dict[str, Visited], published: duckdb.DuckDBPyConnection
) -> None:
    names = {name for (name,) in published.execute("select distinct metric from metrics.metric_values").fetchall()}
    pages = {f"metrics/{name}.html" for name in names}
    assert len(pages) > 50
    assert {page for page in visited if page.startswith("metrics/")} == pages
    assert set(visited["index.html"].tiles) == pages


def test_every_tile_and_page_say_the_number_of_now(
    visited: dict[str, Visited], published: duckdb.DuckDBPyConnection
) -> None:
    found = {name: rest for name, *rest in published.execute(NOW).fetchall()}
    assert len(found) > 40
    for page, tile in visited["index.html"].tiles.items():
        name = page.removeprefix("metrics/").removesuffix(".html")
        if name not in found:
            assert "No data" in tile and "n =" not in tile, name
            continue
        value, n, low, high, unit = found[name]
        for text in (tile, visited[page].text):
            assert f" {format_value(value, unit)}" in text and f"{n:,}" in text, f"{name}: {value}, {n}: {text[:300]}"
            assert low is None or format_interval(low, high, unit) in text, f"{name}: {low} to {high}"


def test_every_page_has_the_numbers_of_its_months_and_dimensions(
    visited: dict[str, Visited], published: duckdb.DuckDBPyConnection
) -> None:
    rows = published.execute(SHOWN).fetchall()
    assert len(rows) > 1_000
    for name, dimension_value, value, n, low, high, unit in rows:
        cells = {cell for table in visited[f"metrics/{name}.html"].tables for row in table for cell in row}
        text = visited[f"metrics/{name}.html"].text
        where = f"{name}, {dimension_value}"
        assert format_value(value, unit) in cells or format_value(value, unit) in text, f"{where}: {value}"
        assert f"{n:,}" in cells or re.search(rf"\bn( = )?{n:,}(?![\d,])", text), f"{where}: n = {n}"
        assert (low is None and high is None) or format_interval(low, high, unit) in text, f"{where}: {low} to {high}"


def test_every_worked_example_is_its_golden_case(visited: dict[str, Visited]) -> None:
    project = Project(ROOT)
    for name, metric in project.metrics().items():
        tables = visited[f"metrics/{name}.html"].tables
        case = yaml.safe_load((ROOT / "tests" / "metrics" / metric.domain / f"{name}.yml").read_text(encoding="utf-8"))
        for model, rows in case["given"].items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            given = [[_cell(row.get(column)) for column in columns] for row in rows]
            assert not given or given in tables, f"{name}: {model}"
        unit = shown_unit(metric.meta.unit, project.vars["currency"])
        expected = [_expected(row, unit) for row in case["expect"]]
        assert any(expected == [_answer(row) for row in table] for table in tables), f"{name}: {expected}"


def _cell(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "–", True: "true", False: "false"}[value]
    return " ".join(str(value).split())


def _expected(row: dict[str, Any], unit: str) -> list[str]:
    # With cases and no value it is a quantile that too many still wait for.
    nothing = "not reached" if row["n"] else "no data"
    value = nothing if row["value"] is None else format_value(float(row["value"]), unit)
    return [value, f"{row['n']:,}", " ".join(row["because"].split())]


def _answer(cells: list[str]) -> list[str]:
    """Value, n and reason of a row: for what, value, interval, n, because."""
    return [cells[1], *cells[3:]] if len(cells) == 5 else cells
