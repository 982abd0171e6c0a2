"""The catalogue is complete, and every metric in it says all that a reader must know."""

from __future__ import annotations

import pytest

from cxmetrics.checks import run
from cxmetrics.definitions.golden_case import read_case
from cxmetrics.definitions.metric import Metric
from cxmetrics.definitions.project import Project
from expression_mutations import top_level_operator
from support.parsed_project import ROOT

CATALOGUE = {
    "service": """
        first_response_time first_response_time_p90 first_response_time_calendar first_response_time_p90_calendar
        average_response_time resolution_time resolution_time_median resolution_time_p90 first_resolution_time
        requester_wait_time first_contact_resolution_rate one_touch_resolution_rate issue_resolution_rate reopen_rate
        escalation_rate transfer_rate average_handle_time abandonment_rate sla_attainment_rate open_tickets
        ticket_volume interaction_volume service_csat service_nps tethr_agent_impact_score agent_effort_impact
        self_service_resolution_rate proactive_contact_share service_recovery_rate cost_per_ticket
        service_survey_response_rate
    """,
    "experience": """
        net_promoter_score customer_effort_score tethr_effort_index customer_effort_index touchpoint_csat
        customer_retention_rate customer_churn_rate silent_churn_rate satisfied_churn_rate customer_lifetime_value
        share_of_wallet advocacy_rate referral_conversion_rate net_revenue_retention repeat_purchase_rate renewal_rate
        contact_rate avoidable_contact_rate stage_conversion_rate onboarding_completion_rate time_to_value
        journey_completion_rate channel_switch_rate proactive_touchpoint_share experience_survey_response_rate
    """,
}
COUNTERPARTS = {
    "service_csat": "touchpoint_csat",
    "service_nps": "net_promoter_score",
    "service_survey_response_rate": "experience_survey_response_rate",
    "proactive_contact_share": "proactive_touchpoint_share",
    "agent_effort_impact": "customer_effort_index",
    "tethr_agent_impact_score": "tethr_effort_index",
}


@pytest.mark.parametrize("domain", CATALOGUE)
def test_every_metric_of_the_catalogue_is_published_in_its_domain(domain: str, cx_project: Project):
    found = {metric.name for metric in cx_project.metrics().values() if metric.domain == domain}
    assert found == set(CATALOGUE[domain].split())


def test_the_checks_have_nothing_to_find(cx_project: Project):
    assert [str(finding) for finding in run(cx_project)] == []


def test_what_serves_both_domains_is_two_metrics_that_name_each_other(cx_project: Project):
    metrics = cx_project.metrics().values()
    named = {metric.name: metric.meta.counterpart for metric in metrics if metric.meta.counterpart}
    assert named == COUNTERPARTS | {other: name for name, other in COUNTERPARTS.items()}


def test_every_metric_is_in_force_and_its_group_has_an_owner(cx_project: Project):
    for metric in cx_project.metrics().values():
        assert metric.meta.lifecycle.state == "active", metric.name
        assert cx_project.groups()[metric.group].get("name"), metric.name


def test_golden_cases_speak_of_no_data_of_slices_of_all_time_and_of_intervals(cx_project: Project):
    missing = [
        f"{metric.name}: {what}"
        for metric in cx_project.metrics().values()
        for what, is_there in spoken_of(metric, cx_project).items()
        if not is_there
    ]
    assert missing == []


def spoken_of(metric: Metric, project: Project) -> dict[str, bool]:
    """Of what a golden case of this metric must speak, and whether it does."""
    expected = read_case(project, ROOT / "tests" / "metrics" / metric.domain / f"{metric.name}.yml").expect
    whole = [one for one in expected if one.grain == "all" and not one.by]
    low, high = (any(getattr(one, end) is not None for one in expected) for end in ("ci_low", "ci_high"))
    # The upper end of a 90th percentile is open below 53 values.
    needed = {"none": True, "quantile": low or high}.get(metric.meta.interval.method, low and high)
    return {
        "no data": any(one.value is None and one.n == 0 for one in expected),
        "a value": any(one.value is not None for one in expected),
        "a month": any(one.grain == "month" and one.value is not None for one in expected),
        "all time": bool(whole) or "all" not in metric.meta.grains,
        "a slice": any(one.by for one in expected) or not metric.meta.dimensions,
        "the interval": needed,
    }


def test_a_count_is_of_a_value_and_not_of_a_condition_that_is_read_otherwise(cx_project: Project):
    """MetricFlow counts "<expression> is not null" without parentheses: "a and b" becomes "a and (b is not null)"."""
    misread = [
        f"{block.file}:{block.line_of('expr')}: {block.name}"
        for block in cx_project.blocks().values()
        if block.agg in ("count", "count_distinct") and top_level_operator(block.expr or block.name)
    ]
    assert misread == []


@pytest.mark.parametrize(
    ("expression", "operator"),
    [
        ("a and b is not null", "and"),
        ("a or b", "or"),
        ("not a", "not"),
        ("(a and b)", None),
        ("a is not null", None),
        ("case when a and b then c end", None),
        ("a * b", None),
    ],
)
def test_the_operator_that_would_be_misread_is_seen(expression: str, operator: str | None):
    assert top_level_operator(expression) == operator
