"""The audit in words, on a terminal and as Markdown, from rows as they are read."""

import datetime

import pytest

from cxmetrics.published.build_info import BuildInfo
from cxmetrics.reports.audit import AUDIT_FORMATS, Section, as_text, customer_section, head

INFO = BuildInfo(datetime.datetime(2026, 6, 30, 23, 59, 59), ("a_b",), True, "1")
PARTS = [Section("Title *", ["A sentence."], ("name", "n"), [["[red]a|b[/]\nowner", "1"]])]


def test_the_head_is_a_sentence():
    assert head(INFO) == "As of 2026-06-30 23:59 UTC, sources: a_b"


@pytest.mark.parametrize("chosen", AUDIT_FORMATS[:2])
def test_the_same_section_stands_in_both_forms(chosen: str):
    printed = as_text(chosen, {}, PARTS, INFO)
    for text in ("SYNTHETIC DEMO DATA", "Title", "A sentence.", "owner", "red"):
        assert text in printed, text


def test_markdown_cannot_be_ended_by_what_it_holds():
    row = as_text("markdown", {}, PARTS, INFO).splitlines()[-1]
    assert row == "| \\[red\\]a\\|b\\[/\\]; owner | 1 |"


def test_json_is_the_answer_itself():
    assert as_text("json", {"stage": None}, PARTS, INFO) == '{\n  "stage": null\n}\n'


def test_a_list_says_whom_it_holds():
    row = {
        "customer_id": "c1", "segment": "home", "ended_at": datetime.datetime(2026, 1, 5), "stage": None,
        "answered_cause_stage": "use", "contacts": 3, "revenue": 1200.4,
    }  # fmt: skip
    section = customer_section("masked", [row])
    assert section.title == "1 customers who left, whose last word on service was a good one"
    assert section.rows == [["c1", "home", "2026-01-05", "–", "use", "3", "1,200"]]
