"""Metrics that name other metrics."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def other_metrics_exist(definitions: Definitions) -> Iterator[Finding]:
    """A reference to a metric that was renamed leads readers nowhere."""
    for metric in definitions.metrics.values():
        meta = metric.meta
        named = [(("counterpart",), meta.counterpart), (("lifecycle", "replaced_by"), meta.lifecycle.replaced_by)]
        for key, names in (("related", meta.related), ("not_a_proxy_for", meta.not_a_proxy_for)):
            named += [((key, index), name) for index, name in enumerate(names)]
        others = [name for name in definitions.metric_names if name != metric.name]
        for keys, name in named:
            if name is not None and name not in others:
                sentence = f"'{keys[0]}' names a metric that does not exist"
                if name == metric.name:
                    sentence = f"'{keys[0]}' names the metric itself"
                line = metric.line_of(*keys)
                yield Finding(metric.file, line, sentence, "name another published metric", name, others)


def counterparts_answer(definitions: Definitions) -> Iterator[Finding]:
    """Where one name serves both domains there are two metrics, and each leads to the other."""
    for metric in definitions.metrics.values():
        other = definitions.metrics.get(metric.meta.counterpart or "")
        if other is None or other is metric:
            continue
        line = metric.line_of("counterpart")
        if other.domain == metric.domain:
            sentence = f"the counterpart '{other.name}' is a {other.domain} metric too"
            remedy = "a counterpart is the metric of the same name-family in the other domain; else use related"
            yield Finding(metric.file, line, sentence, remedy)
        elif other.meta.counterpart != metric.name:
            sentence = f"the counterpart '{other.name}' does not name this metric in return"
            yield Finding(metric.file, line, sentence, f"write counterpart: {metric.name} in {other.file}")
