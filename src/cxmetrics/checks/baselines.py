"""What a value is set against."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.metric import Wilson


def baselines_are_shares_like_the_value(definitions: Definitions) -> Iterator[Finding]:
    """A share is set against the same share of others; anything else gives a difference without a meaning, and of the
    rows of the metric itself it gives one that is always 0."""
    for metric in definitions.metrics.values():
        baseline, interval = metric.meta.baseline, metric.meta.interval
        if baseline is None:
            continue
        line = metric.line_of("baseline")
        if not isinstance(interval, Wilson):
            sentence = "only a share of two counts has a baseline: the interval of the difference is that of two shares"
            yield Finding(metric.file, line, sentence, "remove the baseline", interval.method, ["wilson"])
        elif (baseline.successes, baseline.trials) == (interval.successes, interval.trials):
            sentence = "the baseline is the metric itself"
            help = "name simple metrics of those the value is set against"
            yield Finding(metric.file, line, sentence, help, baseline.trials)
        above, below = (definitions.blocks.get(name) for name in (baseline.successes, baseline.trials))
        if above and below:
            same = (above.model, above.agg_time_dimension) == (below.model, below.agg_time_dimension)
            # Of those who make up the denominator, a flag is summed: some aggregates count rows that the other leaves.
            if not same or above.agg != "sum_boolean" or below.agg not in ("count", "sum_boolean"):
                sentence = "the baseline is not a share: 'successes' must be a part of what 'trials' counts"
                help = "name a sum_boolean and a count of the same fact"
                yield Finding(metric.file, line, sentence, help, above.name)
