"""Broken on purpose: survival metrics."""

from __future__ import annotations

import pytest

RESPONSE = "metrics/service/first_response_time.yml"
REOPEN = "metrics/service/reopen_rate.yml"
FACT = "models/marts/service/fct_tickets.yml"
HIDDEN = "survival_metrics_are_hidden_from_dbt"
READ = "survival_metrics_read_one_fact"
BLOCK = "{name: tickets_replied, type: simple, agg: sum_boolean, expr: first_reply_business_minutes is not null}"
SURVIVAL = """    type: survival
    time: first_reply_business_minutes_sum
    event: tickets_replied
    entity: ticket
"""


@pytest.fixture
def waiting(small):
    """The small project, whose first response time counts those who still wait."""
    text = (small.root / RESPONSE).read_text(encoding="utf-8")
    for begin, end, new in (
        ("    type: derived", "    config:", SURVIVAL),
        ("          sample:", "          dimensions:", ""),
    ):
        start, stop = text.index(begin), text.index(end)
        text = text[:start] + new + text[stop:]
    small.write(RESPONSE, text)
    small.replace(FACT, "    metrics:\n", f"    metrics:\n      - {BLOCK}\n")
    small.write(".dbtignore", f"# not for dbt\n{RESPONSE}\n")
    return small


def test_one_that_dbt_is_told_of_is_none(waiting):
    assert waiting.findings(HIDDEN) == waiting.findings(READ) == []
    metric = waiting.project.metrics()["first_response_time"]
    assert (metric.meta.sample, metric.meta.period) == ("first_reply_business_minutes_sum", "created_on")
    assert (metric.meta.interval.method, metric.definition.quantile) == ("product_limit", 0.5)


def test_one_that_dbt_would_read_is_found(waiting):
    waiting.write(".dbtignore", "")
    (finding,) = waiting.findings(HIDDEN)
    assert (finding.file, RESPONSE in finding.help) == (RESPONSE, True)


def test_another_metric_that_dbt_would_not_see_is_found(waiting):
    waiting.write(".dbtignore", f"{RESPONSE}\n{REOPEN}\n")
    (finding,) = waiting.findings(HIDDEN)
    assert (finding.file, finding.line, finding.got) == (".dbtignore", 2, REOPEN)


def test_a_line_for_no_file_is_found(waiting):
    waiting.write(".dbtignore", f"{RESPONSE}\nmetrics/service/gone.yml\n")
    assert [finding.got for finding in waiting.findings("files_that_dbt_ignores_exist")] == ["metrics/service/gone.yml"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("time: first_reply_business_minutes_sum", "time: tickets_first_replied", "is a sum"),
        ("event: tickets_replied", "event: tickets_first_replied", "counts the cases that have ended"),
        ("event: tickets_replied", "event: tickets_reopened", "not of the same rows and the same time"),
        ("entity: ticket\n", "entity: customer\n", "does not identify one row"),
        ("          unit:", "          interval: {method: none, reason: x}\n          unit:", "of its own estimate"),
    ],
)
def test_one_made_of_other_numbers_is_found(waiting, old: str, new: str, words: str):
    waiting.replace(RESPONSE, old, new)
    findings = waiting.findings(READ)
    assert [finding.file for finding in findings] == [RESPONSE]
    assert words in findings[0].sentence


def test_its_interval_belongs_to_no_other_metric(small):
    small.replace(
        REOPEN, "{method: wilson, successes: tickets_reopened, trials: tickets_solved}", "{method: product_limit}"
    )
    assert "belongs to a survival metric" in small.findings("intervals_fit_the_metric")[0].sentence
