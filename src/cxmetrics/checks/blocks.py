"""Simple metrics: what metrics name exists, what exists is used, and what blocks read exists too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.metric import Metric
from cxmetrics.definitions.models import Block


def blocks_exist(definitions: Definitions) -> Iterator[Finding]:
    """A metric of something that does not exist would only fail in the middle of a build."""
    known = [*definitions.blocks, *definitions.metric_names, *definitions.switched_off]
    for metric in definitions.metrics.values():
        for name in metric.inputs:
            if name not in known or name == metric.name:
                yield _unknown(metric, metric.line_of_input(name), "input metric", name, list(definitions.blocks))
        parts: dict[tuple[str, ...], str] = {("sample",): metric.meta.sample}
        parts |= {("interval", role): name for role, name in metric.meta.interval_blocks.items()}
        if response := metric.meta.response:
            parts |= {("response", "answered"): response.answered, ("response", "invited"): response.invited}
        if baseline := metric.meta.baseline:
            parts |= {("baseline", "successes"): baseline.successes, ("baseline", "trials"): baseline.trials}
        for dimension, substitutes in metric.meta.partial_dimensions.items():
            parts |= {("partial_dimensions", dimension, block): name for block, name in substitutes.items()}
        for keys, name in parts.items():
            # What follows from an input that does not exist is told by the input.
            if name not in definitions.blocks and metric.is_written(*keys):
                what = " ".join(keys)
                yield _unknown(metric, metric.line_of(*keys), f"simple metric ({what})", name, list(definitions.blocks))


def _unknown(metric: Metric, line: int, what: str, name: str, blocks: list[str]) -> Finding:
    help = "name a simple metric, or declare it in the .yml of the fact it reads"
    return Finding(metric.file, line, f"there is no such {what}", help, name, blocks)


def blocks_are_used(definitions: Definitions) -> Iterator[Finding]:
    """A simple metric that no metric uses is computed for nothing, and nothing tests it."""
    used = {name for metric in definitions.metrics.values() for name in (*metric.blocks, *metric.side_blocks)}
    # A metric that is switched off keeps what it is made of, so that it can be switched on again.
    used |= {name for source in definitions.switched_off.values() for name in _texts(source.data)}
    # While a metric file cannot be read, nobody knows what it uses.
    if any(problem.file and problem.file.startswith("metrics/") for problem in definitions.problems):
        return
    for block in definitions.blocks.values():
        if block.name not in used:
            sentence = f"no metric uses the simple metric '{block.name}'"
            yield Finding(block.file, block.line, sentence, "use it in a metric, or remove it")


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _texts(value)


def blocks_read_declared_columns(definitions: Definitions) -> Iterator[Finding]:
    """dbt builds a metric on a column that does not exist without a word; the query fails later."""
    from cxmetrics.checks.expressions import parse

    blocks = [block for block in definitions.blocks.values() if definitions.models[block.model].columns]
    expressions = parse([_expression(block) for block in blocks])
    for block, expression in zip(blocks, expressions, strict=True):
        line = block.line_of("expr")
        if expression.error is not None:
            sentence = f"the expression of '{block.name}' is not SQL: {expression.error}"
            yield Finding(block.file, line, sentence, "correct the expression", got=_expression(block))
            continue
        columns = [column.name for column in definitions.models[block.model].columns]
        for name in expression.columns:
            if name not in columns:
                sentence = f"the simple metric '{block.name}' reads a column that {block.model} does not declare"
                yield Finding(block.file, line, sentence, "name a column of the model, without a prefix", name, columns)


def counts_are_of_a_value(definitions: Definitions) -> Iterator[Finding]:
    """MetricFlow counts ``<expression> is not null`` without parentheses: of ``a and b`` it makes ``a and (b is not
    null)``, which counts other rows."""
    from cxmetrics.checks.expressions import top_level_operator

    for block in definitions.blocks.values():
        operator = top_level_operator(_expression(block)) if block.agg in ("count", "count_distinct") else None
        if operator is not None:
            sentence = f"the simple metric '{block.name}' counts a condition that MetricFlow reads otherwise"
            help = "put it into parentheses, or count the column that is not null"
            yield Finding(block.file, block.line_of("expr"), sentence, help, got=operator)


def _expression(block: Block) -> str:
    return block.name if block.expr is None else block.expr
