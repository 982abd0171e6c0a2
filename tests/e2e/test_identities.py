"""What must hold between the published numbers of the demo, whatever the numbers are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb
import pytest

from cxmetrics.definitions.metric import Metric, RatioDefinition
from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.intervals import bounds
from cxmetrics.measure.metric_values import UNSLICED_GRAIN
from cxmetrics.measure.partial_dimensions import partial_dimension
from cxmetrics.measure.question import Question
from support.workplace import ROOT, Workplace

# What adds up over days, dimensions and everything else.
ADDITIVE = {"sum", "sum_boolean", "count"}


@pytest.fixture(scope="module")
def published(demo: Workplace) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo.published}' as cx (read_only); use cx")
        yield connection


@pytest.fixture(scope="module")
def project() -> Project:
    return Project(ROOT)


@pytest.fixture(scope="module")
def published_semantics(demo: Workplace, project: Project) -> Semantics:
    engine = DuckDBEngine(project)
    return Semantics.load(demo.folder / "target" / "semantic_manifest.json", "duckdb", engine.relation)


def adds_up(project: Project, names: Iterable[str]) -> bool:
    blocks = project.blocks()
    return all(name in blocks and blocks[name].agg in ADDITIVE for name in names)


def additive_metrics(project: Project) -> list[Metric]:
    """Metrics whose value is an expression over blocks that all add up."""
    return [
        metric
        for metric in project.metrics().values()
        if metric.type in ("ratio", "derived") and adds_up(project, metric.blocks)
    ]


def recomputed(semantics: Semantics, metric: Metric, finest: str, coarse: str) -> Sql:
    """The metric by ``coarse`` periods from the sums of its blocks over the finest ones."""
    low, high = bounds(metric.meta.interval, "double")
    value = (
        sql("{x}::double / nullif({y}, 0)", x=metric.inputs[0], y=metric.inputs[1])
        if isinstance(metric.definition, RatioDefinition)
        else Sql(metric.definition.expr)
    )
    return sql(
        """select period_start, {value} as value, {sample}::bigint as n, {low} as ci_low, {high} as ci_high
        from (
            select date_trunc('{coarse}', period_start)::date as period_start, {sums}
            from ({rows}) as finest group by 1
        ) as summed where {sample} > 0""",
        value=value,
        sample=metric.meta.sample,
        low=low,
        high=high,
        coarse=coarse,
        sums=joined(sql("sum({name}) as {name}", name=name) for name in metric.blocks),
        rows=semantics.sql(metric.blocks, finest),
    )


def test_months_are_the_sums_of_their_days_and_quarters_of_their_months(
    published: duckdb.DuckDBPyConnection, published_semantics: Semantics, project: Project
):
    metrics = [metric for metric in additive_metrics(project) if not metric.meta.only_by]
    different, compared = [], 0
    for metric in metrics:
        finest = published_semantics.finest_grain(metric.blocks)
        coarse = "month" if finest == "day" else "quarter"
        if coarse not in metric.meta.grains:
            continue
        query = sql(
            """select own.period_start, own.n is not distinct from again.n and {close}
            from (
                select period_start, value, n, ci_low, ci_high from metrics.metric_values
                where metric = $metric and grain = $grain and dimension = 'all' and status <> 'no_data'
            ) as own full join ({again}) as again using (period_start)""",
            close=joined(map(close, ("value", "ci_low", "ci_high")), " and "),
            again=recomputed(published_semantics, metric, finest, coarse),
        )
        rows = published.execute(query, {"metric": metric.name, "grain": coarse}).fetchall()
        compared += len(rows)
        different += [f"{metric.name} {period}" for period, is_equal in rows if not is_equal]
    assert different == []
    assert compared > 12 * len(metrics) / 2
    assert len(metrics) > 30


def close(column: str) -> Sql:
    """Floats are added in another order; 1e-9 of their size, or of one."""
    return sql(
        """({own} is null and {again} is null
        or coalesce(abs({own} - {again}) <= 1e-9 * greatest(abs({own}), 1), false))""",
        own=f"own.{column}",
        again=f"again.{column}",
    )


def test_the_list_of_metrics_that_add_up_leaves_out_only_what_cannot(project: Project):
    added = {metric.name for metric in additive_metrics(project)}
    left_out = {
        metric.name: {project.blocks()[name].agg for name in metric.blocks if name in project.blocks()}
        for metric in project.metrics().values()
        if metric.name not in added and not metric.is_survival
    }
    reasons = {"median", "percentile", "count_distinct", "max", "min", "average"}
    assert [name for name, aggs in left_out.items() if not aggs & reasons and name != "open_tickets"] == []


def test_dimensions_add_up_to_all(published: duckdb.DuckDBPyConnection, project: Project):
    """Every row is in exactly one dimension value, unknown included; n of a partial dimension is that of the whole."""
    checked = [
        sql("('{metric}', '{name}')", metric=metric.name, name=name)
        for metric in project.metrics().values()
        if adds_up(project, [metric.meta.sample]) and metric.type != "cumulative" and not metric.meta.only_by
        for name in filter(project.people.publishes, metric.meta.dimensions)
        if partial_dimension(metric, Question(by=(name,))) is None
    ]
    query = sql(
        """with checked(metric, dimension) as (values {checked}),
        dimensions as (
            select metric, dimension, grain, period_start, sum(n) as n
            from metrics.metric_values inner join checked using (metric, dimension) group by all
        )
        select checked.metric, checked.dimension, whole.grain, whole.period_start, whole.n, dimensions.n
        from metrics.metric_values as whole
        inner join checked using (metric)
        left join dimensions
            on checked.metric = dimensions.metric and checked.dimension = dimensions.dimension
            and whole.grain = dimensions.grain and whole.period_start = dimensions.period_start
        where whole.dimension = 'all' and whole.grain <> '{unsliced}' and whole.n <> coalesce(dimensions.n, 0)
        order by all""",
        checked=joined(checked),
        unsliced=UNSLICED_GRAIN,
    )
    assert published.execute(query).fetchall()[:20] == []
    assert len(checked) > 100


def test_n_of_a_period_is_the_sum_of_its_parts(published: duckdb.DuckDBPyConnection, project: Project):
    """Where n counts rows. By a partial dimension n is that of the whole, also in months in which the part is empty."""
    for fine, coarse in (("month", "quarter"), ("month", "year"), ("day", "week"), ("day", "month")):
        checked = {
            (metric.name, name)
            for metric in project.metrics().values()
            if adds_up(project, [metric.meta.sample])
            and metric.type != "cumulative"
            and {fine, coarse} <= {*metric.meta.grains}
            for name in ("all", *(metric.meta.dimensions if fine != UNSLICED_GRAIN else ()))
            if name not in metric.meta.partial_dimensions
        }
        rows = published.execute(
            """with summed as (
                select metric, dimension, dimension_value, date_trunc($coarse, period_start)::date as period_start,
                    sum(n) as n
                from metrics.metric_values where grain = $fine group by all
            )
            select metric, dimension, dimension_value, period_start, own.n, summed.n
            from metrics.metric_values as own
            left join summed using (metric, dimension, dimension_value, period_start)
            where own.grain = $coarse and own.n <> coalesce(summed.n, 0)
            order by all""",
            {"fine": fine, "coarse": coarse},
        ).fetchall()
        assert [row for row in rows if row[:2] in checked][:20] == [], (fine, coarse)
        assert len(checked) > (30 if fine == UNSLICED_GRAIN else 100)


@pytest.mark.parametrize("horizon", ["monthly", "annual"])
def test_who_is_not_lost_is_retained(published: duckdb.DuckDBPyConnection, horizon: str):
    rows = published.execute(
        """
        select grain, period_start, dimension, dimension_value, churn.value + kept.value, churn.n = kept.n
        from metrics.metric_values as churn
        full join metrics.metric_values as kept using (grain, period_start, dimension, dimension_value)
        where churn.metric = $horizon || '_customer_churn_rate' and kept.metric = $horizon || '_customer_retention_rate'
            and churn.status <> 'no_data'""",
        {"horizon": horizon},
    ).fetchall()
    assert len(rows) > 50
    assert {row[0] for row in rows} == {"month"}
    assert [row for row in rows if abs(row[4] - 1) > 1e-12 or not row[5]] == []
    for row in published.execute("""
        select month_on, count_if(is_active_at_start), count_if(is_retained) + count_if(is_churned)
        from experience.fct_customer_months group by 1""").fetchall():
        assert row[1] == row[2], row


@pytest.mark.parametrize(
    ("metric", "scope"), [("net_promoter_score", "relationship"), ("service_nps", "service_touchpoint")]
)
def test_promoters_passives_and_detractors_are_the_answers(
    published: duckdb.DuckDBPyConnection, metric: str, scope: str
):
    by_hand = published.execute(
        """select date_trunc('month', responded_at)::date, count_if(score >= 9), count_if(score in (7, 8)),
            count_if(score <= 6), count(*)
        from experience.fct_survey_responses
        where survey_type = 'nps' and scope = ? and score between 0 and 10
        group by 1 order by 1""",
        [scope],
    ).fetchall()
    values = published.execute(
        """select period_start, value, n from metrics.metric_values
        where metric = ? and grain = 'month' and dimension = 'all' and status <> 'no_data' order by 1""",
        [metric],
    ).fetchall()
    assert len(values) > 6
    assert all(promoters + passives + detractors == n for _, promoters, passives, detractors, n in by_hand)
    expected = [(month, 100 * (good - bad) / n, n) for month, good, _, bad, n in by_hand]
    assert [row[::2] for row in values] == [row[::2] for row in expected]
    assert [row[1] for row in values] == pytest.approx([row[1] for row in expected], abs=1e-9)
