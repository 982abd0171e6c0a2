"""95 % confidence intervals as SQL expressions over simple metrics.

Everything here is portable SQL; only the engine's name for a double is passed in. Every pair of expressions is null
when its sample is too small to say anything (n = 0; n = 1 where a variance is needed) or contradicts itself (more
successes than trials), so that no engine stops at the square root of a negative number.
"""

from __future__ import annotations

from collections.abc import Sequence

from cxmetrics.definitions.metric import Interval, Mean, Nps, Ratio, Wilson
from cxmetrics.engines.sql import Part, Sql, joined, sql
from cxmetrics.measure.sql import columns

# The 97.5 % point of the standard normal distribution.
Z = 1.959963984540054


def bounds(interval: Interval, double: str) -> tuple[Sql, Sql]:
    """SQL for ``ci_low`` and ``ci_high`` from columns named like the interval's simple metrics.

    A ``quantile`` interval needs the rows themselves (see ``quantile_bounds``); here it is null, like ``none``.
    """
    match interval:
        case Wilson():
            return wilson(interval, double)
        case Nps():
            return nps(interval, double)
        case Mean():
            return mean(interval, double)
        case Ratio():
            return ratio(interval, double)
    nothing = sql("cast(null as {double})", double=double)
    return nothing, nothing


def wilson(interval: Wilson, double: str) -> tuple[Sql, Sql]:
    """Wilson score interval of a share, between 0 and 1.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927); recommended
    over the Wald interval by Brown, Cai and DasGupta, Statistical Science 16 (2001). It cannot leave [0, 1]; none of
    them and all of them are ends of their own, which rounding would miss by a hair.
    """
    s, n = _doubles(double, interval.successes, interval.trials)
    terms: dict[str, Part] = {"s": s, "n": n, "z": Z, "zz": Z**2, "zz_2": Z**2 / 2, "zz_4": Z**2 / 4}
    terms["centre"] = sql("({s} + {zz_2})", **terms)
    terms["half"] = sql("{z} * sqrt({s} * ({n} - {s}) / {n} + {zz_4})", **terms)
    known = sql("{n} > 0 and {s} >= 0 and {s} <= {n}", **terms)
    low = sql("case when {s} = 0 then 0.0 else ({centre} - {half}) / ({n} + {zz}) end", **terms)
    high = sql("case when {s} = {n} then 1.0 else ({centre} + {half}) / ({n} + {zz}) end", **terms)
    return _when(known, low), _when(known, high)


def nps(interval: Nps, double: str) -> tuple[Sql, Sql]:
    """Adjusted Wald interval of a net promoter score, in points, clamped to [-100, 100].

    Three answers are added, 3/4 each to promoters and detractors (the rest to the passives): the best of six methods
    in B. Rocks, "Interval Estimation for the Net Promoter Score", The American Statistician 70 (2016), and on real
    surveys in J. R. Lewis and J. Sauro, "Evaluating NPS Confidence Intervals with Real-World Data" (2021). The
    variance of the difference is p + d - (p - d)^2. Near the ends the normal curve reaches past a score nobody can
    have, hence the clamp.
    """
    promoters, detractors, n = _doubles(double, interval.promoters, interval.detractors, interval.answers)
    counts = {"promoters": promoters, "detractors": detractors, "n": n}
    terms: dict[str, Part] = {
        "n": n,
        "z": Z,
        "p": sql("(({promoters} + 0.75) / ({n} + 3.0))", **counts),
        "d": sql("(({detractors} + 0.75) / ({n} + 3.0))", **counts),
    }
    terms["half"] = sql("{z} * sqrt(({p} + {d} - ({p} - {d}) * ({p} - {d})) / ({n} + 3.0))", **terms)
    known = sql("{n} > 0 and {promoters} >= 0 and {detractors} >= 0 and {promoters} + {detractors} <= {n}", **counts)
    low = sql("greatest(-100.0, 100.0 * ({p} - {d} - {half}))", **terms)
    high = sql("least(100.0, 100.0 * ({p} - {d} + {half}))", **terms)
    return _when(known, low), _when(known, high)


def mean(interval: Mean, double: str) -> tuple[Sql, Sql]:
    """Normal interval of a mean, in its unit: mean -+ z s / sqrt(n), s with n - 1 in the denominator.

    It is symmetric and not clamped: a mean of few, skewed durations can have a negative low end.
    """
    n, total, squares = _doubles(double, interval.count, interval.sum, interval.sum_of_squares)
    terms: dict[str, Part] = {"n": n, "total": total, "squares": squares, "z": Z}
    terms["variance"] = _not_negative(sql("{squares} - {total} * {total} / {n}", **terms), sql("({n} - 1.0)", n=n))
    half = sql("{z} * sqrt({variance} / {n})", **terms)
    return _both(sql("{n} > 1", n=n), interval.scale, sql("{total} / {n}", **terms), half)


def ratio(interval: Ratio, double: str) -> tuple[Sql, Sql]:
    """Delta-method interval of ``sum(x) / sum(y)`` over n independent units, times ``scale``.

    Variance n / (n - 1) * sum((x - r y)^2) / sum(y)^2: W. G. Cochran, Sampling Techniques (1977), chapter 6; for
    metrics: Deng, Knoblich and Lu, "Applying the Delta Method in Metric Analytics", KDD 2018.
    """
    n, x, y = _doubles(double, interval.count, interval.x, interval.y)
    xx, yy, xy = _doubles(double, interval.xx, interval.yy, interval.xy)
    r = sql("({x} / {y})", x=x, y=y)
    residuals = sql("{xx} - 2.0 * {r} * {xy} + {r} * {r} * {yy}", r=r, xx=xx, xy=xy, yy=yy)
    terms: dict[str, Part] = {"n": n, "y": y, "z": Z, "residuals": _not_negative(residuals, Sql("1.0"))}
    half = sql("{z} * sqrt({n} / ({n} - 1.0) * {residuals}) / abs({y})", **terms)
    return _both(sql("{n} > 1 and {y} <> 0", **terms), interval.scale, r, half)


def difference(value: str, low: str, high: str, other: str, other_low: str, other_high: str) -> tuple[Sql, Sql]:
    """Interval of the difference of two independent estimates with intervals of their own, from columns named like
    these: the distances of the ends from the values add up as variances do.

    For two shares with Wilson's intervals it is the hybrid score interval of R. G. Newcombe, "Interval estimation for
    the difference between independent proportions: comparison of eleven methods", Statistics in Medicine 17 (1998),
    method 10. Null where one of the six is.
    """
    ends = {"value": value, "low": low, "high": high, "other": other, "other_low": other_low, "other_high": other_high}
    by_low = "{value} - {other} - sqrt(power({value} - {low}, 2) + power({other_high} - {other}, 2))"
    by_high = "{value} - {other} + sqrt(power({high} - {value}, 2) + power({other} - {other_low}, 2))"
    return sql(by_low, **ends), sql(by_high, **ends)


def quantile_bounds(rows: Sql, keys: Sequence[str], quantile: float, double: str, unit: str | None = None) -> Sql:
    """A query with one row per combination of ``keys``: the keys, ``ci_low`` and ``ci_high`` of the quantile.

    ``rows`` is a query with the keys and a column ``measured`` per observation. The ends are order statistics, free of
    any assumption about the distribution: ranks floor(nq - z sqrt(nq(1 - q))) and ceil(nq + z sqrt(nq(1 - q))) + 1
    (W. J. Conover, Practical Nonparametric Statistics, 3.2, widened to whole ranks, so that the coverage is at least
    95 % up to the normal approximation). An end whose rank lies outside 1..n is null: so few observations say nothing
    about that side.

    ``unit`` is the column of ``rows`` that says who was drawn, when one of them may bring many observations. Then the
    variance is multiplied by its design effect, as in R. S. Woodruff, "Confidence intervals for medians and other
    position measures", JASA 47 (1952), and a single unit has no interval.
    """
    n = sql("cast(count(*) over ({every}) as {double})", every=_partition(keys), double=double)
    variance = sql("{n} * {quantile} * {rest}", n=n, quantile=quantile, rest=1 - quantile)
    if unit:
        rows = _with_design_effect(rows, keys, quantile, double, unit)
        variance = sql("{variance} * design_effect", variance=variance)
    return sql(
        """select
    {columns}max(case when position_in_order = low_rank then measured end) as ci_low,
    max(case when position_in_order = high_rank then measured end) as ci_high
from (
    select
        {columns}measured,
        row_number() over ({every} order by measured) as position_in_order,
        floor({n} * {quantile} - {spread}) as low_rank,
        ceil({n} * {quantile} + {spread}) + 1 as high_rank
    from ({rows}) as observed
    where measured is not null
) as ranked{group_by}""",
        columns=columns(keys),
        every=_partition(keys),
        n=n,
        quantile=quantile,
        spread=sql("{z} * sqrt({variance})", z=Z, variance=variance),
        rows=rows,
        group_by=sql("\ngroup by {keys}", keys=joined(keys)) if keys else Sql(),
    )


def _with_design_effect(rows: Sql, keys: Sequence[str], quantile: float, double: str, unit: str) -> Sql:
    """``rows`` with the design effect: how many times larger the variance of the share of observations below the
    quantile is than if each was a unit of its own, and never smaller; null for a single unit.

    The residual of an observation is whether it lies below, less the quantile. Observations equal to the sample's
    quantile lie below in part, so that the residuals add up to zero.
    """
    return sql(
        """select {columns}measured, case when units > 1.0
        then greatest(1.0, units / (units - 1.0) * coalesce(squares_of_units / nullif(squares, 0.0), 1.0))
    end as design_effect
    from (
        select {columns}measured, cast(sum(is_first) over ({every}) as {double}) as units,
            sum(residual * residual) over ({every}) as squares,
            sum(residual * unit_residual) over ({every}) as squares_of_units
        from (
            select {columns}measured, residual, sum(residual) over ({of_unit}) as unit_residual,
                case when row_number() over ({of_unit} order by measured) = 1 then 1 else 0 end as is_first
            from (
                select {columns}{unit}, measured,
                    least(1.0, greatest(0.0, (n * {quantile} - place + 1.0) / ties)) - {quantile} as residual
                from (
                    select {columns}{unit}, measured, cast(count(*) over ({every}) as {double}) as n,
                        cast(rank() over ({every} order by measured) as {double}) as place,
                        cast(count(*) over ({equal}) as {double}) as ties
                    from ({rows}) as given where measured is not null
                ) as placed
            ) as residuals
        ) as of_units
    ) as squared""",
        columns=columns(keys),
        every=_partition(keys),
        of_unit=_partition([*keys, unit]),
        equal=_partition([*keys, "measured"]),
        quantile=quantile,
        double=double,
        unit=unit,
        rows=rows,
    )


def _partition(keys: Sequence[str]) -> Sql:
    return sql("partition by {keys}", keys=joined(keys)) if keys else Sql()


def _doubles(double: str, *names: str) -> list[Sql]:
    return [sql("cast({name} as {double})", name=name, double=double) for name in names]


def _when(known: Sql, expression: Sql) -> Sql:
    return sql("case when {known} then {expression} end", known=known, expression=expression)


def _both(known: Sql, scale: float, centre: Sql, half: Sql) -> tuple[Sql, Sql]:
    low = sql("{scale} * ({centre} - {half})", scale=scale, centre=centre, half=half)
    high = sql("{scale} * ({centre} + {half})", scale=scale, centre=centre, half=half)
    return _when(known, low), _when(known, high)


def _not_negative(difference: Sql, divisor: Sql) -> Sql:
    """``difference / divisor``, where the difference of two equal sums may round to just below zero."""
    return sql("(greatest(0.0, {difference}) / {divisor})", difference=difference, divisor=divisor)
