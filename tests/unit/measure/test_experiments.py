"""Differences between the variants of an experiment, against others' arithmetic."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np
import pytest
import sqlglot
from scipy import stats

from cxmetrics import cli
from cxmetrics.definitions.golden_case import read_case
from cxmetrics.definitions.metric import Wilson
from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.experiments import Arm, Estimate, Measured, baseline, difference, measured, parts, status, value
from cxmetrics.measure.golden import facts as golden_facts
from cxmetrics.measure.intervals import wilson
from cxmetrics.measure.question import Question
from support.facts import fill, in_memory
from support.parsed_project import parse

CASES = Path(__file__).resolve().parents[2] / "metrics"
REFUSED = {"ticket_volume", "open_tickets", "interaction_volume", "tethr_agent_impact_score", "tethr_effort_index"}
# Quantiles with the cases that still wait.
REFUSED |= {"first_response_time", "first_response_time_calendar", "first_response_time_p90"}
REFUSED |= {"first_response_time_p90_calendar", "resolution_time", "resolution_time_p90", "first_resolution_time"}
REFUSED |= {"time_to_value"}


def arm(x: np.ndarray, y: np.ndarray) -> Arm:
    """The sums over customers with these numbers."""
    sums = [float(np.sum(part)) for part in (x, y, x * x, y * y, x * y)]
    ends = wilson(Wilson(method="wilson", successes="x", trials="y"), "double")
    query = sql("select {ends} from (select ? as x, ? as y)", ends=joined(ends))
    low, high = duckdb.execute(query, sums[:2]).fetchone()
    return Arm("v", len(x), int(y.sum()), *sums, largest_y=float(y.max()), share_low=low, share_high=high)


def share(successes: int, trials: int) -> Estimate:
    return value(arm(np.arange(trials) < successes, np.ones(trials)), 1.0, proportion=True)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (1, 10), (5, 7), (10, 10), (480, 2000)])
def test_the_share_of_a_variant_has_the_score_interval_of_scipy(successes: int, trials: int):
    expected = stats.binomtest(successes, trials).proportion_ci(method="wilson")
    found = share(successes, trials)
    assert (found.ci_low, found.ci_high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(
    ("ours", "theirs", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_difference_of_shares_is_newcombes(ours: tuple, theirs: tuple, low: float, high: float):
    found = difference(share(*ours), share(*theirs))
    assert found.value == pytest.approx(ours[0] / ours[1] - theirs[0] / theirs[1])
    assert (round(found.ci_low, 4), round(found.ci_high, 4)) == (low, high)


def test_the_difference_of_means_of_one_fact_a_customer_is_welchs():
    draw = np.random.default_rng(1)
    ours, theirs = draw.normal(10, 3, 400), draw.normal(9, 5, 300)
    ones = value(arm(ours, np.ones(400)), 2.0, False), value(arm(theirs, np.ones(300)), 2.0, False)
    found = difference(*ones)
    welch = stats.ttest_ind(ours, theirs, equal_var=False)
    error = (found.ci_high - found.ci_low) / 2 / stats.norm.ppf(0.975)
    assert found.value / error == pytest.approx(welch.statistic, rel=1e-12)
    assert found.value == pytest.approx(2 * (ours.mean() - theirs.mean()))


def test_the_interval_covers_the_truth_where_customers_have_many_facts_and_rows_would_not():
    # Customers differ, and one with many tickets has a rate of their own: rows are far from independent.
    draw = np.random.default_rng(2)
    covered = {"customers": 0, "rows": 0}
    for _ in range(400):
        arms = []
        for _ in range(2):
            tickets = draw.poisson(4, 300)
            arms.append((draw.binomial(tickets, draw.beta(0.5, 0.5, 300)), tickets))
        found = difference(*(value(arm(x, y), 1.0, False) for x, y in arms))
        covered["customers"] += found.ci_low <= 0 <= found.ci_high
        naive = difference(*(share(int(x.sum()), int(y.sum())) for x, y in arms))
        covered["rows"] += naive.ci_low <= 0 <= naive.ci_high
    assert 0.92 <= covered["customers"] / 400 <= 0.98
    assert covered["rows"] / 400 < 0.85


def test_what_is_too_small_has_no_interval_or_no_value():
    assert value(arm(np.zeros(5), np.zeros(5)), 1.0, False) == Estimate(None, None, None)
    assert value(arm(np.ones(1), np.ones(1)), 1.0, False) == Estimate(1.0, None, None)
    assert difference(Estimate(1.0, 0.5, 1.5), Estimate(None, None, None)) == Estimate(None, None, None)
    assert difference(Estimate(1.0, 0.5, None), Estimate(0.5, 0.4, 0.6)) == Estimate(0.5, None, None)


def test_a_variant_needs_cases_and_customers():
    some = Estimate(0.5, 0.4, 0.6)
    assert status(Measured("a", 30, 50, some), 50) == "ok"
    assert status(Measured("a", 29, 50, some), 50) == "insufficient_sample"
    assert status(Measured("a", 30, 49, some), 50) == "insufficient_sample"
    assert status(Measured("a", 30, 0, Estimate(None, None, None)), 1) == "no_data"


def test_the_baseline_is_named_or_control_or_the_first():
    some = Estimate(0.5, 0.4, 0.6)
    arms = [Measured(name, 1, 1, some) for name in ("b", "a", "control")]
    assert baseline(arms, None).variant == "control"
    assert baseline(arms[:2], None).variant == "a"
    assert baseline(arms, "b").variant == "b"
    with pytest.raises(CxError, match="no such variant"):
        baseline(arms, "c")


@pytest.mark.parametrize("path", sorted(CASES.glob("*/*.yml")), ids=lambda path: path.stem)
def test_the_summands_of_every_metric_give_its_value(path: Path, cx_project: Project, semantics: Semantics):
    golden = read_case(cx_project, path)
    metric = golden.metric
    if metric.meta.interval.method == "quantile":
        return
    if metric.name in REFUSED:
        with pytest.raises(CxError, match="has no interval here"):
            parts(metric)
        return
    x, y, scale = parts(metric)
    blocks = list(dict.fromkeys(metric.meta.interval_blocks.values()))
    grain = None if "all" in metric.meta.grains else "month"
    apart = metric.meta.only_by
    expected = [e for e in golden.expect if e.grain == (grain or "all") and list(e.by) == apart and e.value is not None]
    assert expected
    with golden_facts(cx_project, golden) as connection:
        rows = semantics.sql(blocks, grain, apart)
        which = [Sql("period_start = $period")] if grain else []
        which += [Sql(f"{name} = ${name}") for name in apart]
        where = sql("where {all}", all=joined(which, " and ")) if which else Sql()
        values = {"scale": scale, "x": x, "y": y, "rows": rows, "where": where}
        query = sql("select {scale} * ({x}) / ({y}) from ({rows}) as answer {where}", **values)
        for expectation in expected:
            asked = dict(expectation.by) | ({"period": expectation.period} if grain else {})
            assert connection.execute(query, asked).fetchone()[0] == pytest.approx(expectation.value, rel=1e-9)


def experiment(connection: duckdb.DuckDBPyConnection) -> None:
    """Two variants of 40 customers. Everybody was shown one on 10 January and solved a ticket on the day before, on
    the day, after it, and too late to be mature; of the last two kinds every fourth of the new variant's and half of
    the control's were reopened. A third of the new variant's has another solved ticket."""
    connection.execute(
        """insert into journey.experiment_assignments by name
        select 'e' as experiment, v || i as customer_id, v as variant, timestamp '2026-01-10 12:00:00' as assigned_at,
            date '2026-01-10' as assigned_on
        from range(40) as numbers(i), (values ('new'), ('control')) as variants(v)
        union all by name
        select 'other' as experiment, 'new1' as customer_id, 'x' as variant, date '2026-01-01' as assigned_on;
        insert into service.fct_tickets by name
        select v || i || d as ticket_id, v || i as customer_id, d as created_at, d as first_solved_at,
            'email' as channel, case when d = timestamp '2026-01-11' then i % (case v when 'new' then 4 else 2 end) = 0
            else true end as is_reopened
        from range(40) as numbers(i), (values ('new'), ('control')) as variants(v),
            (values (timestamp '2026-01-09'), (timestamp '2026-01-10 23:00:00'), (timestamp '2026-01-11'),
            (timestamp '2026-03-31 12:00:00')) as days(d);
        insert into service.fct_tickets by name
        select 'nobody' as ticket_id, timestamp '2026-01-12' as first_solved_at, true as is_reopened;
        insert into service.fct_backlog by name
        select v || i || m as backlog_ticket_id, v || i as customer_id, m as month_on, 10.0 + i as age_days
        from range(40) as numbers(i), (values ('new'), ('control')) as variants(v),
            (values (date '2026-01-01'), (date '2026-02-01')) as months(m)"""
    )


@pytest.fixture
def connection(cx_project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory(cx_project, experiment) as connection:
        yield connection


def test_only_what_is_mature_and_came_after_the_day_of_the_assignment_counts(
    connection: duckdb.DuckDBPyConnection, cx_project: Project, semantics: Semantics
):
    metric, blocks = cx_project.metrics()["reopen_rate"], cx_project.blocks()
    found = measured(connection, semantics, metric, blocks, "e", Question(), DuckDBEngine)
    assert [(arm.variant, arm.customers, arm.n, arm.estimate.value) for arm in found] == [
        ("control", 40, 40, 0.5),
        ("new", 40, 40, 0.25),
    ]
    expected = stats.binomtest(10, 40).proportion_ci(method="wilson")
    assert (found[1].estimate.ci_low, found[1].estimate.ci_high) == pytest.approx((expected.low, expected.high))
    connection.execute(
        "update service.fct_tickets set first_solved_on = '2026-01-13' where first_solved_on < '2026-01-11'"
    )
    (control, new) = measured(connection, semantics, metric, blocks, "e", Question(), DuckDBEngine)
    # Three tickets of each customer: the interval is that of customers, not of 120 independent tickets.
    shares = np.where(np.arange(40) % 4 == 0, 3, 2)
    by_hand = shares.std(ddof=1) / math.sqrt(40) / 3 * stats.norm.ppf(0.975)
    assert (new.n, new.estimate.value) == (120, pytest.approx(shares.sum() / 120))
    assert new.estimate.ci_high - new.estimate.value == pytest.approx(by_hand)
    assert control.n == 120


def test_a_median_has_order_statistics_of_its_variant(
    connection: duckdb.DuckDBPyConnection, cx_project: Project, semantics: Semantics
):
    metric = cx_project.metrics()["backlog_age"]
    arms = measured(connection, semantics, metric, cx_project.blocks(), "e", Question(), DuckDBEngine)
    assert [(arm.variant, arm.customers, arm.n, arm.estimate.value) for arm in arms] == [
        ("control", 40, 40, 29.5),
        ("new", 40, 40, 29.5),
    ]
    # Ranks floor(20 - 1.96 sqrt(10)) = 13 and ceil(20 + 1.96 sqrt(10)) + 1 = 28 of 10 to 49.
    assert (arms[0].estimate.ci_low, arms[0].estimate.ci_high) == (22, 37)


def test_every_metric_is_compared_or_refused_in_words(
    connection: duckdb.DuckDBPyConnection, cx_project: Project, semantics: Semantics
):
    refused, refused_steps = {}, {}
    for name, metric in cx_project.metrics().items():
        try:
            arms = measured(connection, semantics, metric, cx_project.blocks(), "e", Question(), DuckDBEngine)
        except CxError as error:
            refused[name], refused_steps[name] = error.what, error.next_step
            continue
        assert [(arm.variant, arm.customers) for arm in arms] == [("control", 40), ("new", 40)], name
    apart = {name for name, metric in cx_project.metrics().items() if metric.meta.only_by}
    assert "--by stage" in refused_steps["stage_conversion_rate"]
    looks_back = {name for name, metric in cx_project.metrics().items() if (metric.meta.horizon_months or 1) > 1}
    assert "annual_customer_churn_rate" in looks_back
    assert "looks back 12 months" in refused["annual_customer_churn_rate"]
    assert set(refused) == REFUSED | looks_back | apart


@pytest.mark.parametrize("dialect", ["postgres", "spark"])
def test_comparisons_are_sql_of_the_other_engines(dialect: str, cx_project: Project, made_once):
    semantics = Semantics.load(made_once("dbt_parse", parse) / "semantic_manifest.json", dialect)
    asked: list[str] = []
    double = Sql("double precision")
    types = SimpleNamespace(double=double, text="text", build_prefix="", literal=lambda text: Sql(f"<{text}>"))

    class Asked:
        def execute(self, query: str) -> Asked:
            asked.append(query)
            return self

        def fetchall(self) -> list:
            return []

    # One of each kind of interval, one kept by month and one of distinct customers.
    for name in (
        "reopen_rate",
        "service_nps",
        "contact_rate",
        "average_resolution_time",
        "repeat_purchase_rate",
        "backlog_age",
    ):
        metric = cx_project.metrics()[name]
        measured(Asked(), semantics, metric, cx_project.blocks(), "it's", Question(), types)
    assert len(asked) == 6
    # A text constant is written as the engine writes it, and nowhere else.
    assert all("<it's>" in query for query in asked)
    queries = [query.replace("<it's>", "'e'") for query in asked]
    assert all(sqlglot.parse_one(query, dialect=dialect).find(sqlglot.exp.Select) for query in queries)


@pytest.fixture
def inside(tmp_path: Path, cx_project: Project, made_once, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(tmp_path / "cx.duckdb")) as connection:
        fill(connection, cx_project, experiment)
        connection.execute(
            "create table metrics.build_info as select as_of, 'canonical' as sources, true as is_synthetic,"
            " '1' as version from metrics.build_as_of"
        )
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path))
    monkeypatch.setenv("DBT_TARGET_PATH", str(made_once("dbt_parse", parse)))
    monkeypatch.setenv("DBT_PROJECT_DIR", str(cx_project.root))


def shown(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert cli.main(["query", "reopen_rate", *arguments]) == code
    printed = capsys.readouterr()
    return printed.out if code == 0 else printed.err


@pytest.mark.usefixtures("inside")
def test_the_query_shows_variants_and_the_difference_to_the_baseline(capsys: pytest.CaptureFixture[str]):
    lines = [" ".join(line.split()) for line in shown(capsys, "--experiment", "e").splitlines()]
    assert "control 40 40 50.0 % 35.2 to 64.8 % baseline ok" in lines
    assert "new 40 40 25.0 % 14.2 to 40.2 % -25.0 points -43.3 to -3.8 points ok" in lines
    assert lines[-1] == "as of 2026-03-31 23:59 UTC, synthetic demo data"
    rows = json.loads(shown(capsys, "--experiment", "e", "--baseline", "new", "--json"))["rows"]
    assert [(row["variant"], row["baseline"], row["difference"]) for row in rows] == [
        ("new", "new", None),
        ("control", "new", 0.25),
    ]
    first = shown(capsys, "--experiment", "e", "--format", "csv").splitlines()[0]
    assert first.startswith("metric,variant,customers,value,n,ci_low,ci_high,baseline,difference,difference_low")
    # One customer with several tickets: a value, and no interval.
    assert "x 1 3 66.7 % – baseline insufficient sample" in " ".join(shown(capsys, "--experiment", "other").split())


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    ("arguments", "what", "got"),
    [
        (["--experiment", "ee"], "there is no such experiment", "nearest: e\n"),
        (["--experiment", "e", "--baseline", "contrl"], "the experiment has no such variant", "nearest: control\n"),
        (["--experiment", "e", "--by", "channel"], "by variant only", "--by"),
        (["--experiment", "e", "--grain", "month"], "by variant only", "--grain month"),
        (["--experiment", "e", "--format", "parquet", "--out", "x.parquet"], "no Parquet file", "parquet"),
        (["--baseline", "control"], "a baseline is a variant of an experiment", "--experiment NAME"),
        (["--experiment", "e", "--where", "chanel = 'email'"], "cannot be sliced", "nearest: channel\n"),
    ],
)
def test_what_cannot_be_compared_is_said(capsys: pytest.CaptureFixture[str], arguments: list[str], what: str, got: str):
    printed = shown(capsys, *arguments, code=2)
    assert what in printed
    assert got in printed
