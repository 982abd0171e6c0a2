"""Static checks of the definitions: fast, and without dbt, MetricFlow or Great Expectations.

A check is a function from the definitions to findings. Its name is the name people see, its docstring says why it flags
what it flags. A check that is not in ``CHECKS`` does not run.
"""

from __future__ import annotations

from dataclasses import replace

from cxmetrics.checks.accountability import accountable_groups_are_declared, experience_is_not_left_to_support
from cxmetrics.checks.baselines import baselines_are_shares_like_the_value
from cxmetrics.checks.blocks import (
    blocks_are_used,
    blocks_exist,
    blocks_read_declared_columns,
    counts_are_of_a_value,
)
from cxmetrics.checks.claims import claims_are_measured_or_explained
from cxmetrics.checks.counts import counts_are_of_one_block
from cxmetrics.checks.coverage import facts_say_what_tells_of_them
from cxmetrics.checks.currency import currency_rates_are_unambiguous
from cxmetrics.checks.dimensions import dimensions_can_be_reached
from cxmetrics.checks.doc_texts import doc_texts_exist, doc_texts_name_a_benchmark, doc_texts_tell_the_clock
from cxmetrics.checks.domains import folders_agree_with_the_rule, scopes_are_supported_or_explained
from cxmetrics.checks.file_names import files_are_named_after_their_metric
from cxmetrics.checks.filters import filters_count_in_n_and_interval, filters_name_known_dimensions
from cxmetrics.checks.finding import Check, Finding
from cxmetrics.checks.golden_cases import (
    golden_cases_cover_what_is_awkward,
    golden_cases_exist,
    golden_cases_have_a_metric,
)
from cxmetrics.checks.grains import grains_are_as_coarse_as_the_data, horizons_have_values_by_month
from cxmetrics.checks.intervals import intervals_fit_the_metric
from cxmetrics.checks.labels import labels_are_unique
from cxmetrics.checks.layers import models_below_the_marts_read_no_mart
from cxmetrics.checks.lifecycle import retired_metrics_name_a_successor
from cxmetrics.checks.partial_dimensions import partial_dimensions_replace_what_adds_up
from cxmetrics.checks.periods import periods_are_the_time_of_the_sample, time_dimensions_are_dates
from cxmetrics.checks.pooling import parts_without_a_common_meaning_stay_apart
from cxmetrics.checks.positions import positions_are_given_or_explained
from cxmetrics.checks.readable_files import definitions_can_be_read
from cxmetrics.checks.references import (
    counterparts_answer,
    nothing_refers_to_a_metric_that_is_switched_off,
    other_metrics_exist,
)
from cxmetrics.checks.samples import samples_belong_to_the_metric
from cxmetrics.checks.schedules import schedules_are_assigned_once, schedules_have_opening_hours
from cxmetrics.checks.stages import stages_exist
from cxmetrics.checks.staging import models_are_described, sources_provide_what_they_declare
from cxmetrics.checks.surveys import (
    scores_are_read_on_their_scale,
    scores_come_with_their_response,
    series_break_where_the_scale_changes,
)
from cxmetrics.checks.survival import (
    files_that_dbt_ignores_exist,
    survival_metrics_are_hidden_from_dbt,
    survival_metrics_read_one_fact,
)
from cxmetrics.checks.targets import targets_are_unambiguous
from cxmetrics.checks.versions import versions_have_a_changelog_entry
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.project import Project

CHECKS: tuple[Check, ...] = (
    definitions_can_be_read,
    files_are_named_after_their_metric,
    labels_are_unique,
    doc_texts_exist,
    doc_texts_tell_the_clock,
    doc_texts_name_a_benchmark,
    golden_cases_exist,
    golden_cases_cover_what_is_awkward,
    golden_cases_have_a_metric,
    folders_agree_with_the_rule,
    scopes_are_supported_or_explained,
    accountable_groups_are_declared,
    experience_is_not_left_to_support,
    blocks_exist,
    blocks_are_used,
    blocks_read_declared_columns,
    counts_are_of_a_value,
    filters_name_known_dimensions,
    filters_count_in_n_and_interval,
    samples_belong_to_the_metric,
    intervals_fit_the_metric,
    baselines_are_shares_like_the_value,
    counts_are_of_one_block,
    survival_metrics_are_hidden_from_dbt,
    survival_metrics_read_one_fact,
    files_that_dbt_ignores_exist,
    time_dimensions_are_dates,
    periods_are_the_time_of_the_sample,
    grains_are_as_coarse_as_the_data,
    horizons_have_values_by_month,
    dimensions_can_be_reached,
    partial_dimensions_replace_what_adds_up,
    parts_without_a_common_meaning_stay_apart,
    scores_are_read_on_their_scale,
    scores_come_with_their_response,
    series_break_where_the_scale_changes,
    stages_exist,
    schedules_have_opening_hours,
    schedules_are_assigned_once,
    currency_rates_are_unambiguous,
    positions_are_given_or_explained,
    claims_are_measured_or_explained,
    targets_are_unambiguous,
    versions_have_a_changelog_entry,
    other_metrics_exist,
    nothing_refers_to_a_metric_that_is_switched_off,
    counterparts_answer,
    retired_metrics_name_a_successor,
    facts_say_what_tells_of_them,
    models_are_described,
    models_below_the_marts_read_no_mart,
    sources_provide_what_they_declare,
)

# What a build must not be started with: its numbers would be missing or wrong.
BUILD_CHECKS: tuple[Check, ...] = (
    definitions_can_be_read,
    blocks_exist,
    blocks_read_declared_columns,
    filters_name_known_dimensions,
    filters_count_in_n_and_interval,
    survival_metrics_are_hidden_from_dbt,
    schedules_have_opening_hours,
    schedules_are_assigned_once,
    time_dimensions_are_dates,
    currency_rates_are_unambiguous,
)


def run(project: Project, checks: tuple[Check, ...] = CHECKS) -> list[Finding]:
    """Every finding of ``checks``, in the order of file and line."""
    definitions = Definitions.of(project)
    findings = [replace(finding, check=check.__name__) for check in checks for finding in check(definitions)]
    return sorted(findings, key=lambda finding: (finding.file, finding.line, finding.check))
