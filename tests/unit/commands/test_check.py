"""``cx check``: findings as people and as programs read them."""

from __future__ import annotations

import json

import pytest
import yaml

from cxmetrics.checks import CHECKS
from cxmetrics.cli import main


@pytest.fixture(autouse=True)
def inside(small, monkeypatch):
    monkeypatch.delenv("DBT_PROJECT_DIR", raising=False)
    monkeypatch.chdir(small.root)


def test_a_healthy_project_ends_with_zero(small, capsys):
    assert main(["check"]) == 0
    assert capsys.readouterr().out == f"3 metrics, {len(CHECKS)} checks: no findings\n"


def test_findings_end_with_one_and_stand_together_by_file(small, capsys):
    first = small.replace("metrics/service/reopen_rate.yml", "stages: [service]", "stages: [servce]")
    second = small.replace("metrics/service/reopen_rate.yml", "dimensions: [channel, segment]", "dimensions: [chanel]")
    other = small.replace("metrics/experience/contact_rate.yml", "group: product", "group: support")
    assert main(["check"]) == 1
    blocks = capsys.readouterr().out.split("\n\n")
    assert blocks[0].startswith(f"metrics/experience/contact_rate.yml:{other}: ")
    assert blocks[1].startswith(f"metrics/service/reopen_rate.yml:{first}: the journey stage does not exist")
    assert f"\nmetrics/service/reopen_rate.yml:{second}: 'chanel' is no dimension" in blocks[1]
    assert blocks[2] == f"3 metrics, {len(CHECKS)} checks: 3 findings\n"


def test_json_holds_the_same_parts(small, capsys):
    line = small.replace("metrics/service/reopen_rate.yml", "stages: [service]", "stages: [servce]")
    assert main(["check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "metrics": 3,
        "checks": len(CHECKS),
        "findings": [
            {
                "check": "stages_exist",
                "file": "metrics/service/reopen_rate.yml",
                "line": line,
                "sentence": "the journey stage does not exist",
                "help": "see seeds/journey_stages.csv",
                "got": "servce",
                "allowed": ["use", "service"],
                "nearest": "service",
            }
        ],
    }


def test_expand_prints_the_full_form_of_the_metrics_that_are_named(small, capsys):
    assert main(["check", "--expand", "first_response_time"]) == 0
    (metric,) = yaml.safe_load(capsys.readouterr().out)["metrics"]
    assert metric["name"] == "first_response_time"
    assert metric["config"]["meta"]["cx"]["minimum_sample"] == 30


def test_expand_without_names_prints_all_of_them(small, capsys):
    assert main(["check", "--expand"]) == 0
    documents = list(yaml.safe_load_all(capsys.readouterr().out))
    names = [document["metrics"][0]["name"] for document in documents]
    assert names == ["contact_rate", "first_response_time", "reopen_rate"]


def test_expand_answers_an_unknown_name_with_the_nearest(capsys):
    assert main(["check", "--expand", "reopn_rate"]) == 2
    assert "nearest: reopen_rate\n" in capsys.readouterr().err


def test_names_belong_to_expand(capsys):
    assert main(["check", "reopen_rate"]) == 2
    assert "next:    cx check --expand reopen_rate\n" in capsys.readouterr().err
