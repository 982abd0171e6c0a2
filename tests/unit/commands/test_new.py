"""``cx new metric``: a start that cx check leads to the end, and that never overwrites."""

from __future__ import annotations

import pytest

from cxmetrics.cli import main

FILES = ("metrics/service/{}.yml", "metrics/service/{}.md", "tests/metrics/service/{}.yml")


@pytest.fixture(autouse=True)
def inside(small, monkeypatch):
    monkeypatch.delenv("DBT_PROJECT_DIR", raising=False)
    monkeypatch.chdir(small.root)


def new(name: str, domain: str = "service", group: str = "support", *more: str) -> int:
    return main(["new", "metric", name, "--domain", domain, "--group", group, *more])


def test_it_writes_the_metric_its_doc_text_and_its_golden_case(small, capsys):
    assert new("solved_rate") == 0
    files = [file.format("solved_rate") for file in FILES]
    assert capsys.readouterr().out.splitlines()[:3] == [f"wrote {file}" for file in files]
    assert all((small.root / file).is_file() for file in files)


@pytest.mark.parametrize("kind", ["ratio", "derived"])
def test_check_says_what_is_missing_and_nothing_is_an_unknown_key(small, kind):
    new("solved_rate", "service", "support", "--type", kind)
    findings = small.findings()
    assert {finding.file for finding in findings} == {"metrics/service/solved_rate.yml"}
    assert len(findings) >= 7
    assert not [finding for finding in findings if "unknown key" in finding.sentence]
    # Of a ratio that is not yet of anything nothing follows.
    missing = {finding.sentence for finding in findings if "missing" in finding.sentence}
    assert missing == ({"'cx.sample' is missing", "'cx.interval' is missing"} if kind == "ratio" else set())


def test_an_editor_finds_the_schema(small):
    new("solved_rate")
    first = (small.root / FILES[0].format("solved_rate")).read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../docs/reference/metric.schema.json"


def test_what_was_started_can_be_finished(small):
    new("solved_rate")
    file = "metrics/service/solved_rate.yml"
    for old, text in {
        "numerator:": "numerator: tickets_reopened",
        "denominator:": "denominator: tickets_solved",
        "unit: ": "unit: share ",
        "direction: ": "direction: down ",
        "scope: ": "scope: interaction ",
        "stance: ": "stance: reactive ",
        "kind: ": "kind: operation ",
        "stages: []": "stages: [service]",
        "positions: []": "positions: []\n          positions_note: None.",
    }.items():
        small.replace(file, f" {old}", f" {text}")
    assert {finding.check for finding in small.findings()} == {
        "doc_texts_exist",
        "doc_texts_tell_the_clock",
        "doc_texts_name_a_benchmark",
        "golden_cases_exist",
    }
    text = file.replace(".yml", ".md")
    for heading in ("Starts**", "Ends**", "Without a value**", "Period**:"):
        small.replace(text, f"- **{heading}", f"- **{heading} in so many words.")
    small.replace(text, "- **Benchmark**:", "- **Benchmark**: none found.")
    golden = "tests/metrics/service/solved_rate.yml"
    assert len(small.findings("golden_cases_exist")) == 2
    small.replace(golden, "given: {}", "given: {fct_tickets: [{ticket_id: a}]}")
    small.replace(golden, "expect: []", "expect: [{because: It counts., value: 1, n: 1}]")
    assert small.findings() == []


@pytest.mark.parametrize("file", FILES)
def test_nothing_is_overwritten_and_nothing_is_written_beside_it(small, file, capsys):
    small.write(file.format("solved_rate"), "mine")
    assert new("solved_rate") == 2
    assert "exists already, and nothing was written" in capsys.readouterr().err
    assert (small.root / file.format("solved_rate")).read_text(encoding="utf-8") == "mine"
    assert sum((small.root / other.format("solved_rate")).exists() for other in FILES) == 1


@pytest.mark.parametrize("name", ["Solved-Rate", "solved rate", "../solved_rate", "1rate", "a" * 61, "_x", ""])
def test_a_name_that_is_no_metric_name_is_refused(small, name, capsys):
    before = sorted(small.root.rglob("*"))
    assert new(name) == 2
    assert "lower-case words joined by _" in capsys.readouterr().err
    assert sorted(small.root.rglob("*")) == before


def test_a_better_name_is_suggested(capsys):
    new("Solved-Rate")
    assert "next:    cx new metric solved_rate\n" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["reopen_rate", "tickets_solved"])
def test_a_name_in_use_is_refused(name, capsys):
    assert new(name) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("domain", "group", "more", "nearest"),
    [
        ("servce", "support", (), "service"),
        ("service", "suport", (), "support"),
        ("service", "support", ("--type", "ratoi"), "ratio"),
    ],
)
def test_a_bad_choice_is_answered_with_the_nearest(domain, group, more, nearest, capsys):
    assert new("solved_rate", domain, group, *more) == 2
    assert f"nearest: {nearest}\n" in capsys.readouterr().err
