"""The words about a metric, and the clock they tell."""

from __future__ import annotations

from cxmetrics.definitions.doc_text import CLOCK, benchmark_of, clock_of, doc_blocks
from cxmetrics.definitions.project import Project

TEXT = """{% docs some_rate %}
A sentence.

- **Starts** when it
  begins.
- **Ends** a day later: **always**.
- **Without a value** is nothing.
- **Period**: the day, in UTC.
- **Benchmark**: 5 %
  (example.com, 2023).

**Why service.** Because.
{% enddocs %}
{%- docs other_rate -%} Other words. {%- enddocs -%}
"""


def test_a_file_may_hold_several_texts():
    assert list(doc_blocks(TEXT)) == ["some_rate", "other_rate"]
    assert doc_blocks(TEXT)["other_rate"] == "Other words."


def test_the_bullets_tell_the_clock():
    assert clock_of(doc_blocks(TEXT)["some_rate"]) == {
        "Starts": "when it begins.",
        "Ends": "a day later: **always**.",
        "Without a value": "is nothing.",
        "Period": "the day, in UTC.",
    }


def test_a_bullet_names_the_benchmark():
    assert benchmark_of(doc_blocks(TEXT)["some_rate"]) == "5 % (example.com, 2023)."
    assert benchmark_of("- **Period**: the day.") is None


def test_a_heading_without_words_is_no_bullet():
    assert clock_of("- **Starts**\n- **Ends** soon.") == {"Ends": "soon."}


def test_every_metric_tells_its_clock(cx_project: Project):
    for metric in cx_project.metrics().values():
        text = (cx_project.root / "metrics" / metric.domain / f"{metric.name}.md").read_text(encoding="utf-8")
        assert list(clock_of(doc_blocks(text)[metric.name])) == list(CLOCK), metric.name
