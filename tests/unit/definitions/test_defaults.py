"""What a metric file leaves out is filled in by its reader."""

from __future__ import annotations

import datetime

import pytest

FILE = "metrics/service/reopen_rate.yml"
RESPONSE = "metrics/service/first_response_time.yml"
FACT = "models/marts/service/fct_tickets.yml"
WRITTEN = {
    "changelog": "          changelog:\n            - {version: 1, date: 2026-01-01, change: First definition.}\n",
    "version": "          version: 1\n",
    "period": "          period: first_solved_on\n",
    "sample": "          sample: tickets_solved\n",
    "interval": "          interval: {method: wilson, successes: tickets_reopened, trials: tickets_solved}\n",
    "counterpart": "          counterpart: null\n",
    "positions": "          positions: []\n",
    "lifecycle": "          lifecycle: {state: active}\n",
}


def meta_of(small, name: str = "reopen_rate"):
    return small.project.metrics()[name].meta


@pytest.mark.parametrize("key", WRITTEN)
def test_a_key_that_says_what_is_implied_can_be_left_out(small, key):
    before = meta_of(small)
    small.replace(FILE, WRITTEN[key], "")
    metric = small.project.metrics()["reopen_rate"]
    assert metric.meta == before
    assert not metric.is_written(key)
    assert small.findings() == []


def test_all_of_them_can_be_left_out_at_once(small):
    before = meta_of(small)
    for written in WRITTEN.values():
        small.replace(FILE, written, "")
    assert meta_of(small) == before


def test_what_is_written_stays(small):
    small.replace(FILE, "sample: tickets_solved", "sample: tickets_reopened")
    assert meta_of(small).sample == "tickets_reopened"


def test_the_first_version_has_the_day_that_the_project_names(small):
    (change,) = meta_of(small, "first_response_time").changelog
    assert (change.version, change.date) == (1, datetime.date(2026, 1, 1))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("dbt_project.yml", '  first_defined: "2026-01-01"\n', ""),
        (RESPONSE, "          unit: minutes\n", "          unit: minutes\n          version: 2\n"),
    ],
)
def test_a_changelog_that_does_not_follow_is_missing(small, file, old, new):
    small.replace(file, old, new)
    assert "'cx.changelog' is missing" in {problem.what for problem in small.project.read_metrics().problems}


def without_interval(small) -> None:
    small.replace(FILE, WRITTEN["interval"], "")


def test_a_share_of_two_counts_has_a_wilson_interval(small):
    without_interval(small)
    assert meta_of(small).interval.model_dump() == {
        "method": "wilson",
        "successes": "tickets_reopened",
        "trials": "tickets_solved",
    }


def make_a_mean(small) -> None:
    without_interval(small)
    small.replace(FILE, "unit: share", "unit: minutes")
    small.replace(FILE, "numerator: tickets_reopened", "numerator: first_reply_business_minutes_sum")


def test_a_sum_over_a_count_has_the_interval_of_a_mean_where_there_are_its_squares(small):
    make_a_mean(small)
    squares = "{name: first_reply_business_minutes_sum_of_squares, type: simple, agg: sum, expr: 1, hidden: true}"
    small.replace(FACT, "    metrics:\n", f"    metrics:\n      - {squares}\n")
    assert meta_of(small).interval.model_dump() == {
        "method": "mean",
        "count": "tickets_solved",
        "sum": "first_reply_business_minutes_sum",
        "sum_of_squares": "first_reply_business_minutes_sum_of_squares",
        "scale": 1.0,
    }


def interval_is_missing(small) -> bool:
    return [problem.what for problem in small.project.read_metrics().problems] == ["'cx.interval' is missing"]


def test_a_mean_without_squares_says_its_interval(small):
    make_a_mean(small)
    assert interval_is_missing(small)


def test_a_ratio_of_two_counts_that_is_no_share_says_its_interval(small):
    without_interval(small)
    small.replace(FILE, "unit: share", "unit: score")
    assert interval_is_missing(small)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("numerator: tickets_reopened", "numerator: {name: tickets_reopened, filter: is_email}"),
        ("denominator: tickets_solved", "denominator: {name: tickets_solved, filter: is_email}"),
        ("    type: ratio\n", "    type: ratio\n    filter: is_email\n"),
    ],
)
def test_a_filter_changes_neither_sample_nor_interval_that_follow(small, old, new):
    without_interval(small)
    small.replace(FILE, WRITTEN["sample"], "")
    small.replace(FILE, old, new)
    meta = small.project.metrics()["reopen_rate"].meta
    assert meta.sample == "tickets_solved"
    assert meta.interval_blocks == {"successes": "tickets_reopened", "trials": "tickets_solved"}


def test_an_expression_says_its_interval_and_its_sample(small):
    text = (small.root / RESPONSE).read_text(encoding="utf-8")
    start, end = text.index("          sample:"), text.index("          dimensions:")
    small.write(RESPONSE, text[:start] + text[end:])
    found = {problem.what for problem in small.project.read_metrics().problems}
    assert found == {"'cx.sample' is missing", "'cx.interval' is missing"}


@pytest.mark.parametrize(
    "inputs",
    [
        "type: derived\n    expr: tickets_solved\n    input_metrics: [tickets_solved]\n",
        "type: cumulative\n    input_metric: tickets_solved\n    period_agg: last\n",
    ],
)
def test_a_count_is_its_own_sample_without_interval_and_minimum(small, inputs):
    text = (small.root / FILE).read_text(encoding="utf-8")
    start, end = text.index("    type: ratio"), text.index("    config:")
    for written in (WRITTEN["sample"], WRITTEN["interval"]):
        text = text.replace(written, "")
    text = text.replace("unit: share", "unit: count")
    small.write(FILE, text[:start] + "    " + inputs + text[text.index("    config:") :])
    assert end > start
    meta = meta_of(small)
    assert (meta.sample, meta.period, meta.interval.method, meta.minimum_sample) == (
        "tickets_solved",
        "first_solved_on",
        "none",
        1,
    )


def test_a_window_is_named_by_its_variable(small):
    small.replace(FILE, WRITTEN["period"], "          maturity_days: reopen_days\n")
    assert meta_of(small).maturity_days == 7
    small.replace("dbt_project.yml", "reopen_days: 7", "reopen_days: 14")
    assert meta_of(small).maturity_days == 14


def test_a_variable_below_the_name_of_the_project_comes_first_as_it_does_for_dbt(small):
    small.replace(FILE, WRITTEN["period"], "          maturity_days: reopen_days\n")
    small.replace("dbt_project.yml", "vars:\n", "vars:\n  small: {reopen_days: 21}\n")
    assert meta_of(small).maturity_days == 21


def test_a_window_that_no_variable_holds_is_found_with_its_line(small):
    small.replace(FILE, WRITTEN["period"], "          maturity_days: reopn_days\n")
    finding = small.only_finding("definitions_can_be_read")
    assert (finding.file, finding.got, finding.nearest) == (FILE, "reopn_days", "reopen_days")
    assert finding.line == small.replace(FILE, "maturity_days", "maturity_days")


def test_a_metric_is_told_by_what_tells_of_its_fact_and_of_the_columns_it_reads(small):
    reopened = "      - {name: is_reopened, data_type: boolean"
    small.replace(FACT, reopened, f"{reopened}, config: {{meta: {{cx: {{told_by: [[ticket_events, tickets]]}}}}}}")
    assert meta_of(small).told_by == [["tickets"], ["ticket_events", "tickets"]]
    assert meta_of(small, "first_response_time").told_by == [["tickets"]]
