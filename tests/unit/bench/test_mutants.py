"""The mutation bench sees what a golden case does not, and excuses nothing that nobody reviewed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError
from expression_mutations import mutations
from mutants import EQUIVALENT, Outcome, Waiver, judged, outcome_of, read_waivers, table
from support.parsed_project import ROOT, parse

CASE = ROOT / "tests" / "metrics" / "service" / "reopen_rate.yml"
SWAPPED = "reopen_rate: numerator <-> denominator"
BLIND_CASE = """
metric: reopen_rate
given:
  fct_tickets:
    - {ticket_id: one, created_at: 2026-01-03 09:00:00, first_solved_at: 2026-01-05 10:00:00, is_reopened: true}
expect:
  - {because: One of one is reopened., value: 1, n: 1}
"""


@pytest.fixture(scope="module")
def manifest(made_once: Callable[[str, Callable[[Path], None]], Path]) -> dict[str, Any]:
    return json.loads((made_once("dbt_parse", parse) / "semantic_manifest.json").read_text(encoding="utf-8"))


def test_a_case_that_cannot_see_a_mistake_lets_its_mutant_live(tmp_path: Path, manifest: dict[str, Any]):
    blind = tmp_path / "reopen_rate.yml"
    blind.write_text(BLIND_CASE, encoding="utf-8")
    outcome = outcome_of(Project(ROOT), manifest, blind)
    assert SWAPPED in outcome.survived
    assert "tickets_reopened: sum_boolean -> count" in outcome.survived
    assert "tickets_reopened: is_reopened -> is_transferred" not in outcome.survived
    unexcused, _ = judged([outcome], read_waivers(EQUIVALENT))
    assert f"reopen_rate gives the same numbers with {SWAPPED}" in unexcused


def test_the_case_of_the_metric_sees_it(manifest: dict[str, Any]):
    outcome = outcome_of(Project(ROOT), manifest, CASE)
    assert SWAPPED in outcome.killed
    assert outcome.all > 15
    assert [name for name in (*outcome.killed, *outcome.survived) if "only the names" in name] == []
    assert judged([outcome], read_waivers(EQUIVALENT)) == ([], [])


def test_a_case_that_fails_as_it_is_kills_nothing(tmp_path: Path, manifest: dict[str, Any]):
    wrong = tmp_path / "reopen_rate.yml"
    wrong.write_text(BLIND_CASE.replace("value: 1", "value: 0.5"), encoding="utf-8")
    with pytest.raises(CxError, match="fails as it is"):
        outcome_of(Project(ROOT), manifest, wrong)


def test_a_waiver_covers_what_it_names_and_must_be_needed():
    outcomes = [Outcome("some_rate", killed=["a: one"], survived=["a: sum -> max", "a: sum -> min", "b: sum -> max"])]
    needed = Waiver("some_rate", "a: sum -> *", "one row each")
    stale = Waiver("some_rate", "a: one", "was killed since")
    elsewhere = Waiver("other_rate", "a: one", "is not run")
    unexcused, unneeded = judged(outcomes, [needed, stale, elsewhere])
    assert unexcused == ["some_rate gives the same numbers with b: sum -> max"]
    assert unneeded == ["no survivor needs the waiver for some_rate, a: one"]
    assert table(outcomes, [needed]).splitlines()[1].split() == ["some_rate", "4", "1", "0", "2", "1"]


def test_every_waiver_says_why():
    assert all(len(waiver.because.split()) > 4 for waiver in read_waivers(EQUIVALENT))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a >= 3", {"a > 3", "a < 3", "a >= 4", "other >= 3"}),
        ("a and not b", {"a OR NOT b", "a", "NOT b", "a AND b", "other AND NOT b"}),
        ("a is not null", {"a IS NULL", "NOT other IS NULL"}),
        ("case when s = 'x' then a end", {"a", "CASE WHEN (s <> 'x') THEN a END", "CASE WHEN s = 'another' THEN a END",
                                          "CASE WHEN s = 'x' THEN other END"}),
        ("a * 2 / nullif(b, 0)", {"a * 2 * NULLIF(b, 0)", "a * 2", "NULLIF(b, 0)", "(a / 2) / NULLIF(b, 0)",
                                  "a / NULLIF(b, 0)", "2 / NULLIF(b, 0)", "a * 2 / b", "other * 2 / NULLIF(b, 0)",
                                  "a * 3 / NULLIF(b, 0)", "a * 2 / NULLIF(b, 1)"}),
        ("s in ('x', 'y')", {"s IN ('y')", "s IN ('x')", "s IN ('another', 'y')", "s IN ('x', 'another')"}),
    ],
)  # fmt: skip
def test_an_expression_is_broken_in_every_place(expression: str, expected: set[str]):
    found = [changed for _, changed in mutations(expression, {"a": ["other"]})]
    assert set(found) == expected
    assert len(found) == len(expected)
