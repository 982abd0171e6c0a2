"""Intervals agree with formulas written independently of the SQL, and with scipy where it has them."""

import math
import statistics

import duckdb
import numpy
import pytest
from jinja2 import Environment, FileSystemLoader
from scipy import stats

from cxmetrics.definitions.metric import Mean, NoInterval, Nps, Quantile, Ratio, Wilson
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.measure.intervals import Z, bounds, difference, quantile_bounds, wilson
from support.workplace import ROOT


def ends(interval: object, **columns: float | None) -> tuple[float | None, float | None]:
    values = [sql("${name} as {name}", name=name) for name in columns]
    query = sql("select {ends} from (select {values})", ends=joined(bounds(interval, "double")), values=joined(values))
    return duckdb.execute(query, columns).fetchone()


WILSON = Wilson(method="wilson", successes="s", trials="n")
NPS = Nps(method="nps", promoters="p", detractors="d", answers="n")
MEAN = Mean(method="mean", count="n", sum="x", sum_of_squares="xx")
RATIO = Ratio(method="ratio", count="n", x="x", y="y", xx="xx", yy="yy", xy="xy")


def test_z_is_the_two_sided_95_percent_point():
    assert pytest.approx(statistics.NormalDist().inv_cdf(0.975), abs=1e-15) == Z


@pytest.mark.parametrize(("s", "n"), [(0, 1), (1, 1), (2, 4), (5, 30), (0, 100), (99, 100), (8_007, 24_918)])
def test_wilson_agrees_with_scipy(s: int, n: int):
    expected = stats.binomtest(s, n).proportion_ci(method="wilson")
    assert ends(WILSON, s=s, n=n) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("n", [1, 3, 7, 33, 101, 1_009, 24_917])
def test_none_and_all_are_ends_of_their_interval_to_the_last_bit(n: int):
    assert (ends(WILSON, s=0, n=n)[0], ends(WILSON, s=n, n=n)[1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("ours", "theirs", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_difference_of_two_shares_is_newcombes(ours: tuple, theirs: tuple, low: float, high: float):
    (a, c), (b, d) = (ends(WILSON, s=s, n=n) for s, n in (ours, theirs))
    shares = {"p": ours[0] / ours[1], "a": a, "c": c, "q": theirs[0] / theirs[1], "b": b, "d": d}
    values = joined([sql("${name} as {name}", name=name) for name in shares])
    query = sql(
        "select {ends} from (select {values})", ends=joined(difference("p", "a", "c", "q", "b", "d")), values=values
    )
    assert [round(end, 4) for end in duckdb.execute(query, shares).fetchone()] == [low, high]


def test_a_difference_to_nobody_has_no_interval():
    query = sql("select {ends} from (select 0.5 as p, 0.4 as a, 0.6 as c, null as q)",
                ends=joined(difference("p", "a", "c", "q", "q", "q")))  # fmt: skip
    assert duckdb.execute(query).fetchone() == (None, None)


@pytest.mark.parametrize(("s", "n"), [(0, 0), (None, None), (3, 2), (-1, 2)])
def test_a_share_of_nothing_or_of_more_than_all_has_no_interval(s: int | None, n: int | None):
    assert ends(WILSON, s=s, n=n) == (None, None)


def test_nps_agrees_with_the_calculation_by_hand():
    # 36 answers, 20 promoters, 6 detractors: p = 20.75/39, d = 6.75/39, difference 14/39,
    # variance (27.5/39 - (14/39)^2) / 39 = 0.014776..., half width 1.96 * 0.12155... = 0.23825...
    assert ends(NPS, p=20, d=6, n=36) == pytest.approx((12.07274, 59.72213), abs=5e-5)


@pytest.mark.parametrize(("p", "d", "n"), [(1, 0, 1), (500, 300, 1_000), (0, 0, 10), (1_400, 306, 2_746)])
def test_nps_is_the_wald_interval_of_three_more_answers(p: int, d: int, n: int):
    scores = [1] * p + [-1] * d + [0] * (n - p - d)
    # Three quarters each of a promoter and a detractor, one and a half passives.
    weights = numpy.array([1.0] * n + [0.75, 0.75, 1.5])
    adjusted = numpy.array([*scores, 1, -1, 0])
    mean = numpy.average(adjusted, weights=weights)
    variance = numpy.average((adjusted - mean) ** 2, weights=weights)
    half = Z * math.sqrt(variance / (n + 3))
    expected = (max(-100, 100 * (mean - half)), min(100, 100 * (mean + half)))
    assert ends(NPS, p=p, d=d, n=n) == pytest.approx(expected, abs=1e-9)


def test_nps_does_not_leave_the_scale():
    assert ends(NPS, p=10, d=0, n=10)[1] == 100
    assert ends(NPS, p=0, d=10, n=10)[0] == -100
    assert ends(NPS, p=0, d=0, n=0) == (None, None)


def test_mean_agrees_with_scipy():
    values = numpy.random.default_rng(1).lognormal(6, 1.5, 500)
    expected = stats.norm.interval(0.95, loc=values.mean(), scale=stats.sem(values))
    got = ends(MEAN, n=len(values), x=values.sum(), xx=(values**2).sum())
    assert got == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_intervals_of_any_sample_agree_with_those_computed_from_its_rows(seed: int):
    random = numpy.random.default_rng(seed)
    n = int(random.integers(2, 2_000))
    y = random.gamma(2, 30, n)
    x = y * random.beta(2, 3, n)
    sums = {"x": x.sum(), "y": y.sum(), "xx": (x * x).sum(), "yy": (y * y).sum(), "xy": (x * y).sum()}
    expected = stats.norm.interval(0.95, loc=x.mean(), scale=stats.sem(x))
    assert ends(MEAN, n=n, x=sums["x"], xx=sums["xx"]) == pytest.approx(expected, rel=1e-9)
    ratio = x.sum() / y.sum()
    half = Z * numpy.std(x - ratio * y, ddof=1) / math.sqrt(n) / y.mean()
    assert ends(RATIO, n=n, **sums) == pytest.approx((ratio - half, ratio + half), rel=1e-9)
    taken = int(random.integers(0, n + 1))
    share = stats.binomtest(taken, n).proportion_ci(method="wilson")
    assert ends(WILSON, s=taken, n=n) == pytest.approx((share.low, share.high), abs=1e-12)


def test_the_spread_of_long_durations_that_are_nearly_alike_is_not_lost_in_rounding():
    # Ten weeks in minutes, a minute apart: the sum of squares has 14 digits before the ones that matter.
    values = 100_000 + numpy.random.default_rng(3).normal(0, 1, 10_000)
    low, high = ends(MEAN, n=len(values), x=values.sum(), xx=(values**2).sum())
    assert high - low == pytest.approx(2 * Z * stats.sem(values), rel=1e-3)


def test_the_scale_of_a_mean_scales_both_ends():
    per_hundred = MEAN.model_copy(update={"scale": 100.0})
    plain = ends(MEAN, n=4, x=4, xx=10)
    assert ends(per_hundred, n=4, x=4, xx=10) == pytest.approx([100 * end for end in plain])


def test_one_value_has_no_spread_and_equal_values_have_none():
    assert ends(MEAN, n=1, x=5, xx=25) == (None, None)
    assert ends(MEAN, n=0, x=None, xx=None) == (None, None)
    # 0.1 three times: the difference of the sums rounds below zero.
    assert ends(MEAN, n=3, x=0.1 + 0.1 + 0.1, xx=0.1**2 * 3) == pytest.approx((0.1, 0.1), abs=1e-8)


def test_ratio_is_the_delta_method():
    random = numpy.random.default_rng(2)
    y = random.uniform(1, 10, 400)
    x = 3 * y + random.normal(0, 2, 400)
    gradient = numpy.array([1 / y.mean(), -x.mean() / y.mean() ** 2])
    variance = gradient @ numpy.cov(x, y, ddof=1) @ gradient / 400
    ratio, half = x.sum() / y.sum(), Z * math.sqrt(variance)
    sums = {"x": x.sum(), "y": y.sum(), "xx": (x * x).sum(), "yy": (y * y).sum(), "xy": (x * y).sum()}
    assert ends(RATIO, n=400, **sums) == pytest.approx((ratio - half, ratio + half), rel=1e-9)


def test_a_ratio_to_nothing_has_no_interval():
    assert ends(RATIO, n=9, x=1, y=0, xx=1, yy=0, xy=0) == (None, None)
    assert ends(RATIO, n=1, x=1, y=1, xx=1, yy=1, xy=1) == (None, None)


def test_no_method_and_the_median_have_no_interval_from_sums():
    assert ends(NoInterval(method="none", reason="a count"), n=1) == (None, None)
    assert ends(Quantile(method="quantile", value="v", entity="e", quantile=0.5), n=1) == (None, None)


@pytest.mark.parametrize("quantile", [0.5, 0.9])
@pytest.mark.parametrize("n", [1, 5, 10, 60, 365])
def test_quantile_ends_are_order_statistics(quantile: float, n: int):
    values = sorted(numpy.random.default_rng(n).exponential(60, n).tolist())
    spread = Z * math.sqrt(n * quantile * (1 - quantile))
    ranks = (math.floor(n * quantile - spread), math.ceil(n * quantile + spread) + 1)
    expected = tuple(values[rank - 1] if 1 <= rank <= n else None for rank in ranks)
    rows = Sql("select unnest($values) as measured union all select null")
    query = quantile_bounds(rows, [], quantile, "double")
    assert duckdb.execute(query, {"values": values[::-1]}).fetchone() == pytest.approx(expected)


@pytest.mark.parametrize(("quantile", "n"), [(0.5, 30), (0.5, 100), (0.9, 100), (0.9, 400)])
def test_quantile_ends_cover_at_least_95_percent(quantile: float, n: int):
    spread = Z * math.sqrt(n * quantile * (1 - quantile))
    low, high = math.floor(n * quantile - spread), math.ceil(n * quantile + spread) + 1
    # The quantile lies between two order statistics when at least `low` and fewer than `high` values are below it.
    below = stats.binom(n, quantile)
    assert below.cdf(high - 1) - below.cdf(low - 1) >= 0.95


def test_quantile_ends_are_ranked_within_each_key():
    keyed = "select key, unnest(range(key * 100, key * 100 + 20)) as measured from (values (1), (2), (null)) as k(key)"
    rows = Sql(keyed)
    found = duckdb.sql(quantile_bounds(rows, ["key"], 0.5, "double")).fetchall()
    assert {row[0]: row[1:] for row in found if row[0]} == {1: (104.0, 115.0), 2: (204.0, 215.0)}


def clustered_ends(values: numpy.ndarray, units: numpy.ndarray, quantile: float) -> tuple[float | None, float | None]:
    """Woodruff's interval with the sums over units worked out unit by unit."""
    n, count = len(values), len(numpy.unique(units))
    placed = numpy.sort(values)
    at = placed[math.ceil(n * quantile) - 1]
    # What is equal to the sample's quantile lies below it in part, so that the shares add up to the quantile.
    part = (n * quantile - (values < at).sum()) / (values == at).sum()
    residuals = numpy.where(values < at, 1.0, numpy.where(values == at, part, 0.0)) - quantile
    of_units = sum(residuals[units == unit].sum() ** 2 for unit in numpy.unique(units))
    effect = max(1.0, count / (count - 1) * of_units / (residuals**2).sum())
    spread = Z * math.sqrt(n * quantile * (1 - quantile) * effect)
    ranks = (math.floor(n * quantile - spread), math.ceil(n * quantile + spread) + 1)
    low, high = (float(placed[rank - 1]) if 1 <= rank <= n else None for rank in ranks)
    return low, high


def drawn_by_units(seed: int, units: int, rounded: bool) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Durations of units with some five each, alike within a unit."""
    random = numpy.random.default_rng(seed)
    of = numpy.repeat(numpy.arange(units), random.poisson(4, units) + 1)
    values = numpy.exp(random.normal(0, 1, units)[of] + random.normal(0, 0.7, len(of))) * 10
    return (values.round() if rounded else values), of


@pytest.mark.parametrize("quantile", [0.5, 0.9])
@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("units", [12, 150])
def test_quantile_ends_of_units_with_many_observations_are_woodruffs(quantile: float, rounded: bool, units: int):
    values, of = drawn_by_units(units, units, rounded)
    rows = Sql("select unnest($values) as measured, unnest($units) as customer union all select null, 1")
    query = quantile_bounds(rows, [], quantile, "double", "customer")
    found = duckdb.execute(query, {"values": values.tolist(), "units": of.tolist()}).fetchone()
    assert found == pytest.approx(clustered_ends(values, of, quantile))


def test_quantile_ends_cover_the_truth_where_units_have_many_observations():
    # One key a sample. The median of all that could be drawn is 10; a unit's own median differs from it.
    samples = [drawn_by_units(seed, 80, False) for seed in range(400)]
    sizes = [len(values) for values, _ in samples]
    drawn = {
        "sample": numpy.repeat(numpy.arange(400), sizes).tolist(),
        "measured": numpy.concatenate([values for values, _ in samples]).tolist(),
        "customer": numpy.concatenate([units for _, units in samples]).tolist(),
    }
    rows = sql("select {columns}", columns=joined(sql("unnest(${name}) as {name}", name=name) for name in drawn))
    covered = {}
    for unit in (None, "customer"):
        query = quantile_bounds(rows, ["sample"], 0.5, "double", unit)
        held = sql("select avg((ci_low <= 10 and 10 <= ci_high)::double) from ({query})", query=query)
        covered[unit] = duckdb.execute(held, drawn).fetchone()[0]
    assert 0.93 <= covered["customer"] <= 0.98
    assert covered[None] < 0.85


def test_quantile_ends_of_one_observation_a_unit_are_those_of_the_observations():
    rows = Sql("select i as measured, i as customer from range(365) as r(i)")
    plain, units = (
        duckdb.sql(quantile_bounds(rows, [], 0.5, "double", unit)).fetchone() for unit in (None, "customer")
    )
    assert units == plain
    # Of equal observations every one is the quantile.
    rows = Sql("select 7 as measured, i // 9 as customer from range(90) as r(i)")
    assert duckdb.sql(quantile_bounds(rows, [], 0.5, "double", "customer")).fetchone() == (7, 7)


def test_quantile_ends_of_a_single_unit_are_not_known():
    rows = Sql("select i as measured, 'a' as customer from range(100) as r(i)")
    assert duckdb.sql(quantile_bounds(rows, [], 0.5, "double", "customer")).fetchone() == (None, None)


@pytest.mark.parametrize(("successes", "trials"), [(0, 1), (0, 30), (1, 30), (15, 30), (29, 30), (30, 30), (480, 2000)])
def test_the_macro_that_dbt_models_use_gives_the_same_ends(successes: int, trials: int):
    # Two remain: models are compiled by dbt, metric values by Python. The macro's z has six digits.
    macros = Environment(loader=FileSystemLoader(ROOT / "macros"), autoescape=False)  # noqa: S701 (SQL)
    macros.globals["type_double"] = lambda: "double"
    of_dbt = macros.get_template("wilson_end.sql").module.wilson_end
    columns = [Sql(of_dbt("s", "n", end)) for end in "-+"]
    columns += wilson(Wilson(method="wilson", successes="s", trials="n"), "double")
    query = sql("select {columns} from (select ? as s, ? as n)", columns=joined(columns))
    low, high, *of_python = duckdb.execute(query, [successes, trials]).fetchone()
    assert of_python == pytest.approx([low, high], abs=1e-7)
