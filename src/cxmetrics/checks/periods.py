"""Which period a row belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def time_dimensions_are_dates(definitions: Definitions) -> Iterator[Finding]:
    """A timestamp would be cut at midnight of UTC; which day a row belongs to is for the reporting time zone to say."""
    for model in definitions.models.values():
        for column in model.columns:
            if column.is_dimension and column.granularity is not None and column.data_type != "date":
                sentence = f"the time dimension '{column.name}' of {model.name} is no date"
                help = "give the model a column {{ reporting_date('...') }} and make that one the dimension"
                yield Finding(model.file, column.line, sentence, help, column.data_type, ["date"])


def periods_are_the_time_of_the_sample(definitions: Definitions) -> Iterator[Finding]:
    """A period that is named must be the column that really places a row in one, and it is the same for all parts."""
    for metric in definitions.metrics.values():
        sample = definitions.blocks.get(metric.meta.sample)
        if sample is None or sample.agg_time_dimension is None:
            continue
        columns = [column.name for column in definitions.models[sample.model].columns]
        period, line = metric.meta.period, metric.line_of("period")
        if columns and period not in columns:
            sentence = f"the period is not a column of {sample.model}"
            yield Finding(metric.file, line, sentence, "name the column", period, columns)
        elif period != sample.agg_time_dimension:
            sentence = f"'{sample.name}' is counted in the period of another column"
            help = "leave period out, or correct the agg_time_dimension of the simple metric"
            yield Finding(metric.file, line, sentence, help, period, [sample.agg_time_dimension])
        for block in definitions.blocks_of(metric):
            if block.agg_time_dimension != sample.agg_time_dimension:
                sentence = f"'{block.name}' is placed in time by {block.agg_time_dimension}, the sample by {period}"
                help = "make the agg_time_dimension of all its simple metrics the same"
                yield Finding(metric.file, line, sentence, help)
