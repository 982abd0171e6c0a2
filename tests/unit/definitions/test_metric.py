"""A metric file is closed: what is wrong is said with line, what was got, what is allowed and the nearest match."""

from __future__ import annotations

import datetime

import pytest

from cxmetrics.errors import CxError

FILE = "metrics/service/reopen_rate.yml"


def only_problem(small) -> CxError:
    problems = small.project.read_metrics().problems
    assert len(problems) == 1, problems
    return problems[0]


def test_a_healthy_file_becomes_a_metric(small):
    metric = small.project.metrics()["reopen_rate"]
    assert (metric.domain, metric.type, metric.group) == ("service", "ratio", "support")
    assert metric.inputs == ["tickets_reopened", "tickets_solved"]
    assert metric.blocks == ["tickets_reopened", "tickets_solved"]
    assert metric.meta.interval_blocks == {"successes": "tickets_reopened", "trials": "tickets_solved"}
    assert metric.meta.targets[0].since == datetime.date(2025, 1, 1)
    assert metric.file == FILE


def test_what_is_not_said_has_its_default(small):
    meta = small.project.metrics()["first_response_time"].meta
    assert (meta.minimum_sample, meta.maturity_days, meta.targets) == (30, 0, [])
    assert meta.grains == ["day", "week", "month", "quarter", "year", "all"]
    assert meta.lifecycle.state == "active"


def test_line_of_finds_a_key_of_the_metric_and_of_its_meta(small):
    metric = small.project.metrics()["reopen_rate"]
    text = (small.root / FILE).read_text(encoding="utf-8").splitlines()
    assert text[metric.line_of("numerator") - 1].strip() == "numerator: tickets_reopened"
    assert text[metric.line_of("classification", "kind") - 1].strip() == "kind: operation"
    assert text[metric.line_of("config", "group") - 1].strip() == "group: support"
    assert metric.line_of("minimum_sample") == metric.line_of("config", "meta", "cx")


@pytest.mark.parametrize(
    ("old", "new", "what", "got", "nearest"),
    [
        ("unit: share", "unt: share", "unknown key 'cx.unt'", "unt", "unit"),
        ("unit: share", "unit: shares", "bad value for 'cx.unit'", "shares", "share"),
        ("stance: reactive", "stance: reactiv", "bad value for 'classification.stance'", "reactiv", "reactive"),
        ("method: wilson", "method: wilsen", "bad value for 'cx.interval.method'", "wilsen", "wilson"),
        ("{method: wilson, successes:", "{method: wilson, sucesses:", "unknown key 'interval.sucesses'", "sucesses",
         "successes"),
        ("type: ratio", "type: ratios", "bad value for 'metrics.type'", "ratios", "ratio"),
        ("label: Reopen", "lable: Reopen", "unknown key 'metrics.lable'", "lable", "label"),
        ("group: support", "groups: support", "unknown key 'config.groups'", "groups", "group"),
        ("value: 0.05}", "valeu: 0.05}", "unknown key 'targets.valeu'", "valeu", "value"),
        ("state: active", "state: activ", "bad value for 'lifecycle.state'", "activ", "active"),
    ],
)  # fmt: skip
def test_an_unknown_key_or_value_is_answered_with_the_nearest(small, old, new, what, got, nearest):
    line = small.replace(FILE, old, new)
    problems = small.project.read_metrics().problems
    problem = next(problem for problem in problems if problem.got is not None)
    assert (problem.what, problem.got, problem.nearest) == (what, got, nearest)
    assert problem.where == f"{FILE}:{line}"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version: 1\n          changelog", "version: '1'\n          changelog", "integer"),
        ("version: 1\n          changelog", "version: 0\n          changelog", "greater than or equal to 1"),
        ("version: 1\n          changelog", "version: true\n          changelog", "integer"),
        ("value: 0.05}", "value: five}", "number"),
        ("since: 2025-01-01", "since: yesterday", "date"),
        ("stages: [service]", "stages: service", "list"),
        ("stages: [service]", "stages: []", "'cx.stages' is empty"),
        ("label: Reopen rate", "label:", "'metrics.label' is empty"),
        ("positions_note: No source has one.", 'positions_note: ""', "'cx.positions_note' is empty"),
        ("name: reopen_rate", "name: Reopen Rate", "pattern"),
        ("unit: share", "unit:", "bad value for 'cx.unit'"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(small, old, new, words):
    line = small.replace(FILE, old, new)
    problem = only_problem(small)
    assert words in problem.what
    assert problem.where == f"{FILE}:{line}"


def test_a_missing_key_has_the_line_of_its_parent(small):
    small.replace(FILE, "            stance: reactive\n", "")
    problem = only_problem(small)
    assert problem.what == "'classification.stance' is missing"
    assert problem.line == small.replace(FILE, "classification:", "classification:")


def test_everything_wrong_with_a_file_is_said_at_once(small):
    small.replace(FILE, "unit: share", "unit: shares")
    small.replace(FILE, "direction: down", "direction: downwards")
    small.replace(FILE, "stages: [service]", "stags: [service]")
    problems = small.project.read_metrics().problems
    assert sorted(problem.what for problem in problems) == [
        "'cx.stages' is missing",
        "bad value for 'cx.direction'",
        "bad value for 'cx.unit'",
        "unknown key 'cx.stags'",
    ]


@pytest.mark.parametrize("text", ["", "metrics:\n", "metrics: []\n", "- a\n", "metrics: [1]\n", "just words\n"])
def test_a_file_without_a_metric_is_refused_in_words(small, text):
    small.write(FILE, text)
    problem = only_problem(small)
    assert problem.file == FILE
    assert problem.line >= 1


def test_two_metrics_in_one_file_are_refused(small):
    text = (small.root / FILE).read_text(encoding="utf-8")
    small.write(FILE, text + text.removeprefix("metrics:\n").replace("reopen_rate", "reopen_rate_again"))
    assert "at most 1 item" in only_problem(small).what
