"""The coverage bench sees intervals that are too narrow, and the guide shows its real numbers."""

import duckdb
import numpy
import pytest

from cxmetrics.engines.sql import sql
from cxmetrics.measure import intervals
from interval_coverage import KNOWN_OUTSIDE, NPS, SIZES, WILSON, Row, mean, quantile, table, wilson
from support.parsed_project import ROOT

GUIDE = (ROOT / "docs" / "guides" / "certainty.md").read_text(encoding="utf-8")


def test_shares_are_covered_and_the_guide_says_how_often():
    rows = list(wilson())
    assert all(row.is_inside(n) for row in rows for n in SIZES)
    for line in table(rows).splitlines():
        assert line in GUIDE


def test_an_interval_that_is_too_narrow_or_too_wide_is_seen(monkeypatch: pytest.MonkeyPatch):
    for z in (1.75, 2.4):
        monkeypatch.setattr(intervals, "Z", z)
        assert not any(row.is_inside(n) for row in wilson() for n in SIZES)


def test_only_the_known_cells_carry_their_mark():
    shown = table([Row("mean", "durations, skewness 2", (0.93, 0.93, 0.95, 0.97))]).splitlines()[1]
    assert shown.split()[-4:] == ["93.0%*", "93.0%!", "95.0%", "97.0%!"]
    assert Row("quantile", "quantile 0.5", (0.99,) * 4).is_inside(100)
    assert sum(map(len, KNOWN_OUTSIDE.values())) == GUIDE.count("%*")


@pytest.mark.parametrize("method", [mean, quantile])
def test_what_is_drawn_is_drawn_again_alike(method, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("interval_coverage.DRAWS", 500)
    monkeypatch.setattr("interval_coverage.SIZES", (100, 200))
    once, again = (list(method(numpy.random.default_rng(7))) for _ in range(2))
    assert once == again
    assert all(0.85 < coverage <= 1 for row in once for coverage in row.coverages)


@pytest.mark.parametrize("n", [30, 100, 400, 1_000])
def test_the_guide_says_how_wide_intervals_are(n: int):
    low, high = intervals.bounds(WILSON, "double")
    query = sql("select 100 * {low}, 100 * {high} from (select 0.8 * {n} as s, {n} as n)", low=low, high=high, n=n)
    share = duckdb.sql(query).fetchone()
    low, high = intervals.bounds(NPS, "double")
    query = sql("select {low}, {high} from (select 0.5 * {n} as p, 0.2 * {n} as d, {n} as n)", low=low, high=high, n=n)
    score = duckdb.sql(query).fetchone()
    ends = [f"{end:.1f}" for end in (*share, *score)]
    assert f"| {n:,} | {ends[0]} % to {ends[1]} % | {ends[2]} to {ends[3]} |" in GUIDE
