"""What a variant of an experiment does to a metric: its value by variant, and the difference with a 95 % interval.

A customer belongs to the first variant shown, and facts count from the day after. Customers are what was assigned, so
customers are the sample, however many tickets or answers one of them has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxmetrics.definitions.metric import Mean, Nps, Quantile, Ratio, Wilson
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.measure.filtered import filtered
from cxmetrics.measure.intervals import Z, quantile_bounds, wilson
from cxmetrics.measure.judgement import SQL_TOLERANCE, periods_sql
from cxmetrics.measure.pooling import require_parts
from cxmetrics.published.schema import BUILD_AS_OF, DAYS, EXPERIMENT_ASSIGNMENTS

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.models import Block
    from cxmetrics.engines.interface import Connection
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question
    from cxmetrics.measure.sql import SqlTypes
    from cxmetrics.published.schema import Status

CUSTOMER = "customer"
CONTROL = "control"
# Fewer customers than this on either side say nothing, whatever the metric counts.
LEAST_CUSTOMERS = 30
ADDITIVE = ("count", "sum", "sum_boolean")


@dataclass(frozen=True)
class Arm:
    """One variant: its customers, the sums over them of what the metric is a ratio of (``x`` over ``y``), and the ends
    of the score interval of ``x / y``, None where that is no share."""

    variant: str
    customers: int
    n: int
    x: float
    y: float
    xx: float
    yy: float
    xy: float
    largest_y: float
    share_low: float | None
    share_high: float | None


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; the ends are None where the sample is too small for them."""

    value: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class Measured:
    """A metric in one variant."""

    variant: str
    customers: int
    n: int
    estimate: Estimate


def parts(metric: Metric) -> tuple[str, str, float]:
    """SQL over the metric's simple metrics for the ``x`` and ``y`` whose sums' ratio it is, and its scale.

    Raises CxError for a metric that is no such ratio.
    """
    match metric.meta.interval:
        case Wilson(successes=successes, trials=trials):
            return successes, trials, 1.0
        case Nps(promoters=promoters, detractors=detractors, answers=answers):
            return sql("{promoters} - {detractors}", promoters=promoters, detractors=detractors), answers, 100.0
        case Mean(sum=total, count=count, scale=scale):
            return total, count, scale
        case Ratio(x=x, y=y, scale=scale):
            return x, y, scale
    what = "a count" if metric.is_count else "neither a rate nor a mean"
    if metric.is_survival:
        what = "a quantile with the cases that still wait"
    raise CxError(
        f"{metric.name} is {what}: its difference between variants has no interval here",
        got=metric.name,
        next_step="ask for a rate or a mean, such as contact_rate or average_handle_time",
    )


def measured(
    connection: Connection,
    semantics: Semantics,
    metric: Metric,
    blocks: dict[str, Block],
    experiment: str,
    question: Question,
    types: SqlTypes,
) -> list[Measured]:
    """The metric in every variant of the experiment, by name.

    Only facts of whole days (or months, where a metric is kept by month) after the assignment count, and of those only
    what is mature. Raises CxError for a metric that cannot be told by customer, has no interval or looks back over a
    horizon that may begin before the assignment.
    """
    if (horizon := metric.meta.horizon_months or 1) > 1:
        what = f"{metric.name} looks back {horizon} months, over a time in which no variant was assigned yet"
        raise CxError(what, got=metric.name, next_step="ask for a metric of one month")
    require_parts(metric, question)
    metric = filtered(semantics, metric)
    interval = metric.meta.interval
    if isinstance(interval, Quantile):
        query = _quantile_sql(semantics, metric, interval, experiment, question, types)
        found = connection.execute(query).fetchall()
        return [Measured(variant, customers, n, Estimate(*ends)) for variant, customers, n, *ends in found]
    *_, scale = parts(metric)
    query = arms_sql(semantics, metric, blocks, experiment, question, types)
    arms = [Arm(*row) for row in connection.execute(query).fetchall()]
    proportion = is_proportion(metric, arms)
    return [Measured(arm.variant, arm.customers, arm.n, value(arm, scale, proportion)) for arm in arms]


def arms_sql(
    semantics: Semantics, metric: Metric, blocks: dict[str, Block], experiment: str, question: Question, types: SqlTypes
) -> Sql:
    """A query with one row per variant of the experiment: the columns of ``Arm``; ``metric`` is made of simple metrics
    that have its filters."""
    x, y, _ = parts(metric)
    double = types.double
    names = list(dict.fromkeys([*_names(metric), metric.meta.sample]))
    added = [
        sql(",\n        {sum} as {name}", sum=_added(blocks[semantics.unfiltered(name)], name, double), name=name)
        for name in names
    ]
    share_low, share_high = wilson(Wilson(method="wilson", successes="x", trials="y"), double)
    return sql(
        """with {facts},
customers as (
    select assigned.variant, assigned.customer_id{added}
    from {assignments} as assigned
    left join mature as facts
        on assigned.customer_id = facts.{customer} and facts.period_start > assigned.assigned_on
    where assigned.experiment = {experiment}
    group by assigned.variant, assigned.customer_id
),
summands as (
    select variant, cast({sample} as {double}) as n, cast({x} as {double}) as x, cast({y} as {double}) as y
    from customers
)
select variant, customers, n, x, y, xx, yy, xy, largest_y, {share_low} as share_low, {share_high} as share_high
from (
    select variant, count(*) as customers, cast(sum(n) as bigint) as n, sum(x) as x, sum(y) as y, sum(x * x) as xx,
        sum(y * y) as yy, sum(x * y) as xy, max(y) as largest_y
    from summands
    group by variant
) as arms
order by variant""",
        facts=_facts(semantics, metric, names, (CUSTOMER,), question),
        added=joined(added, ""),
        assignments=EXPERIMENT_ASSIGNMENTS,
        customer=CUSTOMER,
        experiment=types.literal(experiment),
        sample=metric.meta.sample,
        double=double,
        x=x,
        y=y,
        share_low=share_low,
        share_high=share_high,
    )


def _quantile_sql(
    semantics: Semantics, metric: Metric, interval: Quantile, experiment: str, question: Question, types: SqlTypes
) -> Sql:
    """A query with one row per variant: variant, customers, n, and the quantile with the order statistics around it."""
    keys = (interval.entity, CUSTOMER)
    assigned = {"assignments": EXPERIMENT_ASSIGNMENTS, "experiment": types.literal(experiment)}
    rows = sql(
        """select variant, customer_id, measured from (
        select assigned.variant, assigned.customer_id, facts.{value} as measured
        from {assignments} as assigned
        inner join mature as facts
            on assigned.customer_id = facts.{customer} and facts.period_start > assigned.assigned_on
        where assigned.experiment = {experiment} and facts.{value} is not null
    ) as measured_facts""",
        value=interval.value,
        customer=CUSTOMER,
        **assigned,
    )
    return sql(
        """with {facts},
bounds as ({bounds}),
totals as (
    select variant, count(*) as n,
        percentile_cont({quantile}) within group (order by measured) as quantile
    from ({rows}) as observed
    group by variant
)
select assigned.variant, assigned.customers, coalesce(totals.n, 0), totals.quantile, bounds.ci_low, bounds.ci_high
from (
    select variant, count(*) as customers from {assignments}
    where experiment = {experiment} group by variant
) as assigned
left join totals on assigned.variant = totals.variant
left join bounds on assigned.variant = bounds.variant
order by assigned.variant""",
        facts=_facts(semantics, metric, [interval.value], keys, question),
        bounds=quantile_bounds(rows, ["variant"], interval.quantile, types.double, "customer_id"),
        quantile=interval.quantile,
        rows=rows,
        **assigned,
    )


def _facts(
    semantics: Semantics, metric: Metric, names: Sequence[str], keys: tuple[str, ...], question: Question
) -> Sql:
    """Two common table expressions: the facts by customer and day (or month), and those of them that are mature."""
    if CUSTOMER not in {item.element for item in semantics.group_bys(names)}:
        what = f"{metric.name} does not know whose facts it counts, so none of them belongs to a variant"
        raise CxError(what, got=metric.name)
    grain = semantics.finest_grain(names)
    facts = semantics.sql(names, grain, keys, question.where, question.since, question.until)
    return sql(
        """facts as (
{facts}
),
mature as (
    select facts.*
    from facts
    inner join (
{periods}
    ) as periods on facts.period_start = periods.period_start and periods.grain = '{grain}'
    cross join {build_as_of} as build
    where periods.ends_at + {days} * interval '1' day <= build.as_of + {tolerance}
)""",
        facts=facts,
        build_as_of=BUILD_AS_OF,
        grain=grain,
        periods=periods_sql(DAYS, semantics.calendar),
        days=metric.meta.maturity_days,
        tolerance=SQL_TOLERANCE,
    )


def _names(metric: Metric) -> list[str]:
    """The blocks that ``parts`` speaks of."""
    roles = ("successes", "trials", "promoters", "detractors", "answers", "sum", "count", "x", "y")
    wanted = roles if metric.meta.interval.method != "ratio" else ("x", "y")
    return [name for role, name in metric.meta.interval_blocks.items() if role in wanted]


def _added(block: Block, name: str, double: str) -> Sql:
    """A block, in the column ``name``, over the periods of one customer; nothing happened is zero."""
    if block.agg in ADDITIVE:
        return sql("cast(coalesce(sum(facts.{name}), 0) as {double})", name=name, double=double)
    # Distinct customers among the facts of one customer are one or none.
    if block.agg == "count_distinct" and "customer_id" in (block.expr or ""):
        return sql("cast(coalesce(max(facts.{name}), 0) as {double})", name=name, double=double)
    raise CxError(f"{block.name} cannot be added up customer by customer", file=block.file, got=block.agg)


def require_experiment(connection: Connection, name: str) -> None:
    """Raises CxError, with those there are, when no customer is in an experiment of this name."""
    query = sql("select distinct experiment from {assignments} order by 1", assignments=EXPERIMENT_ASSIGNMENTS)
    known = [row[0] for row in connection.execute(query).fetchall()]
    if name not in known:
        raise CxError("there is no such experiment", got=name, allowed=known)


def baseline(found: Sequence[Measured], named: str | None) -> Measured:
    """The variant others are compared with: the one named, else ``control``, else the first by name. Raises CxError."""
    by_name = {arm.variant: arm for arm in found}
    if named is not None and named not in by_name:
        raise CxError("the experiment has no such variant", got=named, allowed=by_name)
    return by_name[named or (CONTROL if CONTROL in by_name else min(by_name))]


def is_proportion(metric: Metric, found: Sequence[Arm]) -> bool:
    """Whether every customer is a success or none, once: then the score interval of a share is exact enough for few."""
    return isinstance(metric.meta.interval, Wilson) and all(arm.largest_y <= 1 for arm in found)


def value(arm: Arm, scale: float, proportion: bool) -> Estimate:
    """The metric in one variant: a Wilson score interval for a proportion of customers, else the delta method with
    customers as the units (Deng, Knoblich and Lu, "Applying the Delta Method in Metric Analytics", KDD 2018)."""
    if not arm.y:
        return Estimate(None, None, None)
    share = arm.x / arm.y
    if proportion:
        return Estimate(share, arm.share_low, arm.share_high)
    if arm.customers < 2:
        return Estimate(scale * share, None, None)
    half = Z * abs(scale) * math.sqrt(_variance(arm))
    return Estimate(scale * share, scale * share - half, scale * share + half)


def difference(ours: Estimate, theirs: Estimate) -> Estimate:
    """Two independent samples of customers: the distances of the ends from the values add up as variances do.

    Of symmetric intervals that is the sum of the variances; of Wilson's it is Newcombe's hybrid score interval (R. G.
    Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17
    (1998), method 10).
    """
    if ours.value is None or theirs.value is None:
        return Estimate(None, None, None)
    by = ours.value - theirs.value
    if ours.ci_low is None or ours.ci_high is None or theirs.ci_low is None or theirs.ci_high is None:
        return Estimate(by, None, None)
    below = math.hypot(ours.value - ours.ci_low, theirs.ci_high - theirs.value)
    above = math.hypot(ours.ci_high - ours.value, theirs.value - theirs.ci_low)
    return Estimate(by, by - below, by + above)


def status(arm: Measured, minimum_sample: int) -> Status:
    """As in ``metric_values``, and a variant needs customers as well as cases."""
    if arm.estimate.value is None:
        return "no_data"
    return "ok" if arm.n >= minimum_sample and arm.customers >= LEAST_CUSTOMERS else "insufficient_sample"


def _variance(arm: Arm) -> float:
    """Of the ratio of the two sums over the customers."""
    share = arm.x / arm.y
    residuals = max(0.0, arm.xx - 2 * share * arm.xy + share * share * arm.yy)
    return arm.customers / (arm.customers - 1) * residuals / arm.y**2
