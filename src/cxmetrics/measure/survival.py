"""How long until something happened, with those who still wait: the quantile of the product-limit estimate.

A mean or a median of what has ended leaves out who still waits, and looks the better the longer the hard cases lie.
Here every case of a period counts from its start, and one that has not ended counts for as long as it was watched:
E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958). MetricFlow cannot
say that; it gives the cases, by their dimensions and filters, and the estimate is made of them here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.engines.templates import rendered
from cxmetrics.measure.intervals import Z
from cxmetrics.measure.sql import columns, first_day_sql

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import SurvivalDefinition
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question

# exp(sum(ln(x))) is not exact: a survival of one half may come out as 0.5 and a few units of the last place.
ROUNDING = 1e-9
# Of n cases that all wait still, the survival is at least exp(LOG_TAIL / n): Clopper and Pearson, one end.
LOG_TAIL = math.log(0.025)


def survival(semantics: Semantics, name: str, definition: SurvivalDefinition, question: Question, double: str) -> Sql:
    """A query with one row per combination of ``question.keys`` that has cases; columns as ``measures``.

    ``value`` is the first moment by which the quantile of the cases had ended; null when that is not reached. ``n`` is
    all cases, those that still wait among them. The ends of the interval are where the log-log limits of the survival
    (with Greenwood's variance) reach the same share, after R. Brookmeyer and J. Crowley, "A confidence interval for the
    median survival time", Biometrics 38 (1982). The lower limit widens as those at risk become fewer after the last end
    (F. J. Dorey and E. L. Korn, "Effective sample sizes for confidence intervals for survival probabilities",
    Statistics in Medicine 6 (1987)); before the first end it is the exact binomial one. A low end that is not reached
    is the longest time anybody was watched: the quantile lies beyond it. Raises CxError like ``Semantics.sql``.
    """
    by = tuple(dict.fromkeys((definition.entity, *question.by)))
    cases = semantics.sql(
        [definition.time, definition.event],
        semantics.finest_grain([definition.time]),
        by,
        question.where,
        question.since,
        question.until,
    )
    period = Sql()
    if question.grain:
        first_day = first_day_sql(question.grain, "period_start", semantics.calendar)
        period = sql("{first_day} as period_start, ", first_day=first_day)
    asked = sql("{period}{by}", period=period, by=columns(question.by))
    measured = (definition.time, definition.event)
    return product_limit(name, cases, asked, question.keys, measured, definition.quantile, double)


def product_limit(
    name: str, cases: Sql, asked: Sql, keys: Sequence[str], measured: tuple[str, str], quantile: float, double: str
) -> Sql:
    """The estimate as ``survival`` gives it, from a query with one row per case; ``measured`` are its columns with the
    time, and with 1 for a case that has ended. ``asked`` makes the columns ``keys`` of it, each with a comma after it.
    """
    waited, ended = measured
    return rendered(
        __file__,
        "survival",
        metric=name,
        cases=cases,
        keys=columns(keys),
        asked=asked,
        partition=sql("partition by {keys} ", keys=joined(keys)) if keys else Sql(),
        group_by=sql("\ngroup by {keys}", keys=joined(keys)) if keys else Sql(),
        waited=waited,
        ended=ended,
        surviving=1 - quantile,
        ROUNDING=ROUNDING,
        Z=Z,
        LOG_TAIL=LOG_TAIL,
        double=double,
    )
