"""The full form of a metric file says what the short one means, and reads to the same metric."""

from __future__ import annotations

from pathlib import Path

import yaml

from cxmetrics.definitions.expanded import expanded
from cxmetrics.definitions.metric import MetricMeta, read_metric
from cxmetrics.definitions.project import Project
from cxmetrics.definitions.yaml_file import read


def test_the_full_form_of_every_metric_reads_to_the_same_metric(cx_project: Project, tmp_path: Path):
    for metric in cx_project.metrics().values():
        file = tmp_path / f"{metric.name}.yml"
        file.write_text(expanded(metric), encoding="utf-8")
        # Nothing is left to any default: there are no blocks to infer from, and no variables.
        again, problems = read_metric(read(file), metric.domain, {}, {})
        assert problems == []
        assert again is not None
        assert again.definition == metric.definition, metric.name
        assert yaml.safe_load(expanded(again)) == yaml.safe_load(expanded(metric))


def test_the_full_form_has_every_key(cx_project: Project):
    data = yaml.safe_load(expanded(cx_project.metrics()["reopen_rate"]))
    (metric,) = data["metrics"]
    assert list(metric["config"]["meta"]["cx"]) == list(MetricMeta.model_fields)
    assert (metric["numerator"], metric["denominator"]) == ("tickets_reopened", "tickets_solved")


def test_an_input_that_is_not_used_as_it_is_keeps_what_is_said_of_it(small):
    file = "metrics/service/reopen_rate.yml"
    small.replace(file, "numerator: tickets_reopened", "numerator: {name: tickets_reopened, filter: is_reopened}")
    (metric,) = yaml.safe_load(expanded(small.project.metrics()["reopen_rate"]))["metrics"]
    assert metric["numerator"] == {"name": "tickets_reopened", "filter": "is_reopened"}


def test_a_window_keeps_the_name_of_its_variable_in_a_comment(cx_project: Project):
    text = expanded(cx_project.metrics()["service_recovery_rate"])
    assert "          maturity_days: 120 # recovery_days + churn_grace_days\n" in text
    assert " maturity_days: 7\n" in expanded(cx_project.metrics()["sla_attainment_rate"])
