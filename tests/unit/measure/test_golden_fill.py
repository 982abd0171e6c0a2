"""Interval ends and response rates are filled in where they are asked for; nothing else of a case changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from cxmetrics.definitions.golden_case import read_case
from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.golden import failures
from cxmetrics.measure.golden_fill import _number, filled
from support.parsed_project import ROOT

# Engines agree on these digits; the case below gives more.
LOW, HIGH = "0.1500389891521", "0.8499610108478"
GIVEN = """\
metric: reopen_rate # the rate
given:
  fct_tickets:
    - {ticket_id: a, first_solved_at: 2026-01-05 10:00:00, is_reopened: false}
    - {ticket_id: b, first_solved_at: 2026-01-06 10:00:00, is_reopened: false}
    - {ticket_id: c, first_solved_at: 2026-01-07 10:00:00, is_reopened: true}
    - {ticket_id: d, first_solved_at: 2026-01-08 10:00:00, is_reopened: true}
"""


class Case:
    """A golden case in a file of its own."""

    def __init__(self, project: Project, semantics: Semantics, file: Path):
        self.project, self.semantics, self.file = project, semantics, file

    def filled(self, expect: str, given: str = GIVEN) -> str:
        """What becomes of the expectations."""
        self.file.write_bytes((given + expect).encode())
        text = filled(self.project, self.semantics, read_case(self.project, self.file))
        self.file.write_bytes(text.encode())
        assert failures(self.project, self.semantics, read_case(self.project, self.file)) == []
        assert text.startswith(given)
        return re.sub(rf"({LOW}|{HIGH})\d*", r"\1", text.removeprefix(given))


@pytest.fixture
def case(cx_project: Project, semantics: Semantics, tmp_path: Path) -> Case:
    return Case(cx_project, semantics, tmp_path / "reopen_rate.yml")


def test_the_ends_that_are_named_are_written_where_they_stand(case: Case):
    before = """\
expect:
  # Half of them.
  - because: Two of four. # by hand
    value: 0.50
    ci_low: # the lower one
    ci_high: 0.9 # the upper one
    n: 4

  - {because: No ends are asked for., grain: month, period: 2026-01-01, value: 0.5, n: 4}
"""
    assert case.filled(before) == before.replace("ci_low:", f"ci_low: {LOW}").replace(": 0.9 ", f": {HIGH} ")


def test_a_case_that_names_no_end_gets_both_wherever_there_is_a_value(case: Case):
    before = """\
expect:
  - because: Two of four.
    value: 0.5
    n: 4 # by hand
    grain: all
  - {because: "Two of four: in January.", grain: month, period: 2026-01-01, value: 0.5, n: 4}
  - {because: None in February., grain: month, period: 2026-02-01, value: null, n: 0}
"""
    after = before.replace("n: 4 # by hand\n", f"n: 4 # by hand\n    ci_low: {LOW}\n    ci_high: {HIGH}\n")
    assert case.filled(before) == after.replace("n: 4}", f"n: 4, ci_low: {LOW}, ci_high: {HIGH}}}")


def test_a_number_that_holds_stays_with_all_its_digits(case: Case):
    text = f"expect:\n  - {{because: Two of four., value: 0.5, n: 4, ci_low: {LOW}5, ci_high: 0.84996101084785}}\n"
    case.file.write_text(GIVEN + text, encoding="utf-8")
    assert filled(case.project, case.semantics, read_case(case.project, case.file)) == GIVEN + text


def test_an_end_that_is_no_longer_right_is_corrected_and_one_that_is_none_is_null(case: Case):
    wrong = (
        "expect:\n  - {because: None., grain: month, period: 2026-02-01, value: null, n: 0, ci_low: 0.1, ci_high: 1}\n"
    )
    assert case.filled(wrong) == wrong.replace("ci_low: 0.1, ci_high: 1", "ci_low: null, ci_high: null")


def test_the_ends_of_lines_stay(case: Case):
    crlf = "expect:\r\n  - because: Two of four.\r\n    value: 0.5\r\n    n: 4\r\n"
    got = case.filled(crlf, GIVEN.replace("\n", "\r\n"))
    assert got == crlf + f"    ci_low: {LOW}\r\n    ci_high: {HIGH}\r\n"


def test_a_last_line_without_an_end_is_one(case: Case):
    before = "expect:\n  - because: Two of four.\n    value: 0.5\n    n: 4"
    assert case.filled(before) == before + f"\n    ci_low: {LOW}\n    ci_high: {HIGH}"


@pytest.mark.parametrize(
    ("numbers", "named"),
    [("value: 0.4, n: 4", "value of reopen_rate is 0.5"), ("value: 0.5, n: 5", "n of reopen_rate is 4")],
)
def test_value_and_n_are_a_persons_and_nothing_is_written_while_they_differ(case: Case, numbers: str, named: str):
    expect = f"expect:\n  - {{because: Wrong., {numbers}, ci_low: 0}}\n  - {{because: Right., value: 0.5, n: 4}}\n"
    case.file.write_text(GIVEN + expect, encoding="utf-8")
    with pytest.raises(CxError, match=named) as refused:
        filled(case.project, case.semantics, read_case(case.project, case.file))
    assert "nothing was written" in refused.value.next_step


def test_a_place_that_two_expectations_share_is_left_to_the_person(case: Case):
    repeated = "expect:\n  - &all {because: All., value: 0.5, n: 4, ci_low: 0}\n  - *all\n"
    assert case.filled(repeated) == repeated.replace("ci_low: 0", f"ci_low: {LOW}")
    shared = """\
expect:
  - {because: All., value: 0.5, n: 4, ci_low: &end 0}
  - {because: None., grain: month, period: 2026-02-01, value: null, n: 0, ci_low: *end}
"""
    case.file.write_text(GIVEN + shared, encoding="utf-8")
    with pytest.raises(CxError, match="without changing something else"):
        filled(case.project, case.semantics, read_case(case.project, case.file))


def test_a_response_rate_is_filled_in_where_it_is_asked_for(cx_project: Project, semantics: Semantics, tmp_path: Path):
    source = ROOT / "tests" / "metrics" / "service" / "service_csat.yml"
    text = source.read_text(encoding="utf-8")
    assert text.count("response_rate: 0.25") == 1
    file = tmp_path / "service_csat.yml"
    file.write_text(text.replace("response_rate: 0.25", "response_rate:"), encoding="utf-8")
    assert filled(cx_project, semantics, read_case(cx_project, file)) == text


@pytest.mark.parametrize("name", ["service/reopen_rate", "service/open_tickets", "experience/contact_rate"])
def test_a_case_that_holds_stays_as_it_is(cx_project: Project, semantics: Semantics, name: str):
    case = read_case(cx_project, ROOT / "tests" / "metrics" / f"{name}.yml")
    assert filled(cx_project, semantics, case) == case.source.path.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [0.00001, 1.5e-7, -2e20, 1e16, 0.0, 1.0, None])
def test_every_number_is_one_for_yaml(number: float | None):
    assert yaml.safe_load(_number(number)) == number
