"""What survey answers can be trusted for: on which scale, and of how many of those who were asked."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.models import Block

# The dimension of a fact of answers that tells their scales apart.
SCALE = "scale"


def scores_are_read_on_their_scale(definitions: Definitions) -> Iterator[Finding]:
    """A 4 is good on a scale of five and bad on one of ten: scores on scales that surveys declare are only numbers of
    one kind together with the ends of their scale."""
    from cxmetrics.checks.expressions import parse

    scored = [block for block in definitions.blocks.values() if _scales(definitions, block)]
    for block, expression in zip(scored, parse([block.expr or block.name for block in scored]), strict=True):
        model = definitions.models[block.model]
        for name in expression.columns:
            column = model.column(name)
            if column is not None and column.scale and not set(column.scale) <= set(expression.columns):
                sentence = f"'{block.name}' mixes scales: every survey declares its own for the column {name}"
                help = f"read {' or '.join(column.instead)}, or the ends {' and '.join(column.scale)} as well"
                yield Finding(block.file, block.line_of("expr"), sentence, help, name, list(column.instead))


def scores_come_with_their_response(definitions: Definitions) -> Iterator[Finding]:
    """Few answers to many invitations are those of the very pleased and the very angry: a score that does not say how
    many of those asked answered looks as good as any other."""
    for metric in definitions.metrics.values():
        response = metric.meta.response
        if response is not None:
            answered, invited = (definitions.blocks.get(name) for name in (response.answered, response.invited))
            if answered and invited and not _is_share(answered, invited):
                sentence = "the response rate is not a share: 'answered' must be a part of what 'invited' counts"
                help = "name a sum_boolean and a count of the same fact"
                yield Finding(metric.file, metric.line_of("response"), sentence, help, answered.name)
        elif metric.meta.classification.kind == "perception" and any(
            _scales(definitions, block) for block in definitions.blocks_of(metric)
        ):
            sentence = "the metric reads survey answers and does not say how many of those asked answered"
            help = (
                "add response: {answered: ..., invited: ...} with simple metrics of the invitations to this very survey"
            )
            yield Finding(metric.file, metric.line_of("interval"), sentence, help)


def series_break_where_the_scale_changes(definitions: Definitions) -> Iterator[Finding]:
    """Satisfied is 1 option of 2 and 2 of 5: a survey that changes its scale moves a rate, and nobody is more
    satisfied. Every metric of answers says that its series breaks there."""
    for metric in definitions.metrics.values():
        blocks = [block for block in definitions.blocks_of(metric) if _scales(definitions, block)]
        named = metric.meta.breaks_by
        dimensions = {name for block in blocks for name in definitions.models[block.model].dimensions}
        if named is not None and named not in dimensions:
            sentence = f"'{named}' is no dimension of the answers that the metric reads"
            line = metric.line_of("breaks_by")
            yield Finding(metric.file, line, sentence, "name the column with the scale", named, sorted(dimensions))
        elif named is None and not metric.is_count and SCALE in dimensions:
            sentence = "the metric reads survey answers and its series does not break where the scale changes"
            yield Finding(metric.file, metric.line_of("interval"), sentence, f"add breaks_by: {SCALE}")


def _scales(definitions: Definitions, block: Block) -> bool:
    """Whether the block reads a fact of survey answers: one with scores on declared scales."""
    return any(column.scale for column in definitions.models[block.model].columns)


def _is_share(answered: Block, invited: Block) -> bool:
    same = (answered.model, answered.agg_time_dimension) == (invited.model, invited.agg_time_dimension)
    return same and (answered.agg, invited.agg) == ("sum_boolean", "count")
