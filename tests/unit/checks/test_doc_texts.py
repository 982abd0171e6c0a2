"""Broken on purpose: doc texts."""

from __future__ import annotations

import pytest

from cxmetrics.cli import main

TEXT = "metrics/service/reopen_rate.md"
REOPEN = "metrics/service/reopen_rate.yml"


def test_a_missing_doc_text_is_found(small):
    small.remove("metrics/service/reopen_rate.md")
    assert "reopen_rate.md does not exist" in small.only_finding("doc_texts_exist").sentence


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (REOPEN, "{{ doc('reopen_rate') }}", "Words.", "not the metric's doc text"),
        (REOPEN, "{{ doc('reopen_rate') }}", "{{ doc('contact_rate') }}", "not the metric's doc text"),
        ("metrics/service/reopen_rate.md", "docs reopen_rate", "docs reopened_rate", "no doc text called reopen_rate"),
    ],
)  # fmt: skip
def test_a_doc_text_that_does_not_explain_the_metric_is_found(small, file, old, new, words):
    small.replace(file, old, new)
    assert words in small.only_finding("doc_texts_exist").sentence


def test_a_doc_text_as_cx_new_writes_it_says_next_to_nothing(small, monkeypatch):
    monkeypatch.chdir(small.root)
    assert main(["new", "metric", "solved_rate", "--domain", "service", "--group", "support"]) == 0
    small.write(TEXT, (small.root / "metrics/service/solved_rate.md").read_text("utf-8").replace("solved", "reopen"))
    for file in (
        "metrics/service/solved_rate.yml",
        "metrics/service/solved_rate.md",
        "tests/metrics/service/solved_rate.yml",
    ):
        small.remove(file)
    found = {finding.check: finding for finding in small.findings()}
    assert set(found) == {"doc_texts_exist", "doc_texts_tell_the_clock", "doc_texts_name_a_benchmark"}
    assert "next to nothing" in found["doc_texts_exist"].sentence


@pytest.mark.parametrize(
    ("bullet", "heading"),
    [
        ("- **Starts** when it begins.\n", "Starts"),
        ("- **Ends** when it is over.\n", "Ends"),
        ("- **Without a value** is what nobody knows. It is left out.\n", "Without a value"),
        ("- **Period**: the day it began, in UTC.\n", "Period"),
    ],
)
def test_a_doc_text_that_does_not_tell_the_clock_is_found(small, bullet, heading):
    small.replace(TEXT, bullet, "And so on, and so on, in many more words.\n")
    finding = small.only_finding("doc_texts_tell_the_clock")
    assert (finding.file, finding.sentence) == (TEXT, f"the doc text has no bullet for {heading}")
    assert finding.help == f"write a list with - **{heading}** ..."


NONE = "- **Benchmark**: none found.\n"
SOURCED = "- **Benchmark**: 5 % (Example Survey, example.com, {year}); theirs counts calls, ours counts tickets.\n"


def test_a_doc_text_without_a_benchmark_is_found(small):
    line = small.replace(TEXT, NONE, "\nAnd so on, and so on, in many more words.\n")
    finding = small.only_finding("doc_texts_name_a_benchmark")
    assert (finding.file, finding.line) == (TEXT, line - 1)
    assert finding.sentence == "the doc text has no bullet for Benchmark"
    assert finding.help.startswith(
        "write - **Benchmark**: with the published figure, its source (name, address, year or"
    )
    assert finding.help.endswith("or 'none found' and what was looked for")


@pytest.mark.parametrize(
    "benchmark",
    [
        "- **Benchmark**: 5 % is good.\n",
        "- **Benchmark**: 5 % (Example Survey, 2023).\n",
        "- **Benchmark**: 5 % (example.com), in 20 of 2,000 companies.\n",
    ],
)
def test_a_benchmark_without_an_address_or_a_year_is_found(small, benchmark):
    line = small.replace(TEXT, NONE, benchmark)
    finding = small.only_finding("doc_texts_name_a_benchmark")
    assert (finding.file, finding.line) == (TEXT, line)
    assert finding.sentence == "the benchmark names no source: an address and a year"


@pytest.mark.parametrize(
    "benchmark",
    [
        SOURCED.format(year="2023"),
        SOURCED.format(year="undated"),
        "- **Benchmark**: none found by team\n  (looked for: call centres).\n",
    ],
)
def test_a_benchmark_with_its_source_or_none_is_not_found(small, benchmark):
    small.replace(TEXT, NONE, benchmark)
    assert small.findings() == []


def test_the_benchmark_of_another_text_in_the_file_does_not_count(small):
    small.replace(TEXT, NONE, "")
    path = small.root / TEXT
    path.write_text(path.read_text("utf-8") + "{% docs another %}\n" + NONE + "{% enddocs %}\n", "utf-8")
    assert small.only_finding("doc_texts_name_a_benchmark").file == TEXT
