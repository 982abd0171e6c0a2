"""What is published beside dbt's own tables: names, columns and the codes in them. Described here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.project import Project

# Grain: all time. Dimension and dimension value: everything.
ALL = "all"
# The dimension value of facts that have none.
UNKNOWN = "unknown"

Status = Literal[
    "ok", "not_reached", "insufficient_sample", "partial", "immature", "no_data", "not_pooled", "suppressed"
]
TargetStatus = Literal["met", "missed", "unclear", "none"]
STATUSES: tuple[str, ...] = get_args(Status)
TARGET_STATUSES: tuple[str, ...] = get_args(TargetStatus)

# Tables of dbt that Python reads by name.
DAYS = "metrics.dim_dates"
BUILD_AS_OF = "metrics.build_as_of"
BUSINESS_SCHEDULES = "metrics.business_schedules"
SOURCE_COVERAGE = "metrics.source_coverage"
NOT_COUNTED = "metrics.not_counted"
EXPERIENCE_AUDIT = "journey.experience_audit"
DUAL_LENS = "journey.dual_lens"
CHURNED_CUSTOMERS = "journey.fct_churned_customers"
CONTACT_OWNERSHIP = "journey.contact_ownership"
EXPERIMENT_ASSIGNMENTS = "journey.experiment_assignments"


@dataclass(frozen=True)
class WrittenColumn:
    """A column of a table that Python writes; ``data_type`` in words that every engine's user knows."""

    data_type: str
    description: str


@dataclass(frozen=True)
class WrittenTable:
    """A table that Python writes and no model of dbt describes; ``name`` is ``schema.table``."""

    name: str
    description: str
    columns: Mapping[str, WrittenColumn]


METRIC_VALUES = WrittenTable(
    "metrics.metric_values",
    "One row per metric, grain, period and dimension value, with sample size, interval, status and target.",
    {
        "metric": WrittenColumn("string", "Name of the published metric."),
        "domain": WrittenColumn("string", "service or experience; service is a part of experience."),
        "grain": WrittenColumn(
            "string",
            "Length of the period: day, week (from the day that week_starts_on names), month, quarter, year, all.",
        ),
        "period_start": WrittenColumn(
            "date", "First day of the period, of the reporting time zone; for grain all the first day of the data."
        ),
        "dimension": WrittenColumn(
            "string", "Dimension the value is for; all when it is for everything, as it always is for the grain day."
        ),
        "dimension_value": WrittenColumn("string", "Value of the dimension; unknown where a fact has none."),
        "value": WrittenColumn("double", "The metric, in its unit; null without data and when not_reached."),
        "n": WrittenColumn("bigint", "Size of the sample behind the value."),
        "ci_low": WrittenColumn(
            "double", "Lower end of the 95 % interval; null where none is defined or the sample is too small for one."
        ),
        "ci_high": WrittenColumn(
            "double", "Upper end of the 95 % interval; null where none is defined or the sample is too small for one."
        ),
        "response_rate": WrittenColumn(
            "double", "Share of those asked, and given their days to answer, who did; null where it is not known."
        ),
        "low_response": WrittenColumn(
            "boolean", "The response rate lies under the floor of the metric; null without response rate."
        ),
        "baseline": WrittenColumn(
            "double", "The same share among those the value is set against; null for a metric without baseline."
        ),
        "baseline_n": WrittenColumn("bigint", "How many those are."),
        "difference": WrittenColumn("double", "The value less the baseline, in the unit of the metric."),
        "difference_low": WrittenColumn("double", "Lower end of the 95 % interval of the difference (Newcombe)."),
        "difference_high": WrittenColumn("double", "Upper end of the 95 % interval of the difference (Newcombe)."),
        "series_break": WrittenColumn(
            "string",
            "The dimension (scale) whose mix is another one than in the period before, so that a change since then is"
            " none of what is measured; null where it is not.",
        ),
        "status": WrittenColumn(
            "string",
            "not_pooled (the metric has values by the dimensions of its only_by and none over them),"
            " no_data, suppressed (too few cases of one person: no value is shown, only n), immature (the period or the"
            " maturity window after it is not over), partial (what tells of it begins or ends inside the period),"
            " insufficient_sample, not_reached (so many cases still wait"
            " that there is no quantile yet; ci_low is what it lies beyond), ok.",
        ),
        "target": WrittenColumn(
            "double",
            "Target in force at the start of the period, for the segment where there is one; null without target.",
        ),
        "target_status": WrittenColumn(
            "string", "met or missed when the whole interval lies on one side of the target, else unclear; none."
        ),
        "unit": WrittenColumn("string", "Unit of value, interval and target."),
        "version": WrittenColumn("integer", "Version of the metric's definition."),
        "as_of": WrittenColumn("timestamp", "The moment the build describes (UTC)."),
    },
)
BUILD_INFO = WrittenTable(
    "metrics.build_info",
    "One row: what the published numbers rest on.",
    {
        "as_of": WrittenColumn("timestamp", "The moment the build describes (UTC)."),
        "sources": WrittenColumn("string", "Names of the sources that were read, separated by commas."),
        "is_synthetic": WrittenColumn("boolean", "Whether any of the inputs is synthetic demo data."),
        "version": WrittenColumn("string", "Version of cxmetrics that made the build."),
        "reporting_timezone": WrittenColumn("string", "Time zone whose midnight begins a day, a month and a year."),
        "week_starts_on": WrittenColumn("string", "Day on which a week begins."),
    },
)
WRITTEN_TABLES = (METRIC_VALUES, BUILD_INFO)


def without_value(status: str) -> str:
    """What is written in the place of a value that is null. With cases and any other status it is a quantile that so
    many of them still wait for that nobody knows it."""
    return {"no_data": "no data", "not_pooled": "by part only", "suppressed": "not shown"}.get(status, "not reached")


def published_metrics(project: Project) -> list[Metric]:
    """The metrics that have published values: all but drafts. Raises CxError for the first file that is wrong."""
    return [metric for metric in project.metrics().values() if metric.meta.lifecycle.state != "draft"]
