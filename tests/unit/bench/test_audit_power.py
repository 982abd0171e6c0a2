"""The bench of the audit runs the project's own models, sees what is wrong, and the guide shows what it printed."""

import math
import re

import pytest

from audit_power import (
    MASKS,
    crude_interval,
    judge_known,
    judge_nothing,
    judge_power,
    known,
    nothing,
    power,
    run,
)
from cxmetrics.demo.generate import plantable_stages
from support.parsed_project import ROOT
from support.seed_files import journey_stages

GUIDE = (ROOT / "docs" / "guides" / "experience-audit.md").read_text(encoding="utf-8")


def verdicts(lines) -> list[bool]:
    """Those of the lines below the head of a table."""
    return [fine for _, fine in lines][1:]


def of_stage(stage: str, *rows: tuple[str, str]) -> dict[str, dict]:
    return {
        f"power {stage} 5000 {seed}": {"first": first, "finding": finding, "difference": 0.1}
        for seed, (first, finding) in enumerate(rows)
    }


def test_a_stage_has_to_be_first_and_found_in_nineteen_of_twenty_worlds():
    right, other_first, other_finding = ("use", MASKS), ("renewal", MASKS), ("use", "both failing")
    assert verdicts(judge_power(of_stage("use", *19 * [right], other_first))) == [True]
    assert verdicts(judge_power(of_stage("use", *18 * [right], other_first, other_finding))) == [False]
    assert list(judge_power({})) == []


def test_a_failure_where_nothing_is_planted_counts_against_the_audit():
    calm, alarm = {"failing": False, "held": 19, "of": 20}, {"failing": True, "held": 19, "of": 20}
    assert verdicts(judge_nothing({f"nothing 5000 {seed}": calm for seed in range(20)})) == [True]
    assert verdicts(judge_nothing({f"nothing 5000 {seed}": alarm if seed < 2 else calm for seed in range(20)})) == [
        False
    ]
    narrow = {"failing": False, "held": 18, "of": 20}
    assert verdicts(judge_nothing({"nothing 5000 1": narrow})) == [False]


def test_an_interval_has_to_hold_the_truth_and_simpsons_unadjusted_one_must_not():
    def worlds(kind: str, adjusted: list[float], unadjusted: list[float], misses: int) -> dict[str, dict]:
        holding = {"planted": 10, "affected": 100, "adjusted": adjusted, "unadjusted": unadjusted}
        missing = holding | {"adjusted": [0.3, 0.2, 0.4]}
        return {f"{kind} 2500 {seed}": missing if seed < misses else holding for seed in range(20)}

    right, wrong = [0.1, 0.05, 0.15], [0.2, 0.15, 0.25]
    assert verdicts(judge_known(worlds("plain", right, right, misses=1))) == [True, True]
    assert verdicts(judge_known(worlds("plain", right, right, misses=2))) == [False, True]
    assert verdicts(judge_known(worlds("plain", right, right, misses=0))) == [False, True]
    assert verdicts(judge_known(worlds("simpson", right, wrong, misses=1))) == [True, True]
    assert verdicts(judge_known(worlds("simpson", right, right, misses=1))) == [True, False]


def test_the_interval_of_the_unadjusted_difference_is_newcombes():
    low, high = crude_interval({"affected": 100, "affected_churned": 20, "churn_unaffected": 0.1, "unaffected": 900})
    # The score interval of a count of 20 is 12.9475 to 30.8939; the error of 90 in 900 is z √(0.1/900).
    error = 1.959964 * math.sqrt(0.1 / 900)
    assert low == pytest.approx(0.1 - math.hypot(0.2 - 0.12947526, error), rel=1e-5)
    assert high == pytest.approx(0.1 + math.hypot(0.30893933 - 0.2, error), rel=1e-5)


def test_small_worlds_run_through_the_models_of_the_project(tmp_path):
    found = power(600, "onboarding", 1)
    assert (found["first"], found["finding"]) == ("onboarding", MASKS)
    assert nothing(300, 1)["of"] == len(journey_stages())
    world = known(600, 1, None)
    assert 0 < world["planted"] < world["affected"]
    assert world["adjusted"][1] < world["planted"] / world["affected"] < world["adjusted"][2]
    log = tmp_path / "log"
    log.write_text('["nothing 300 1", {"kept": true}]\n')
    sizes, seeds = {"nothing": 300}, {"nothing": 1}
    assert run(["nothing"], sizes, seeds, log) == {"nothing 300 1": {"kept": True}}


def test_the_guide_shows_a_table_in_which_all_is_as_it_should_be():
    for stage in plantable_stages():
        worlds, first, found = map(int, re.search(rf"\| {stage} \| (\d+) \| (\d+) \| (\d+) \|", GUIDE).groups())
        assert worlds >= first >= found >= 0.95 * worlds
    for kind in ("plain", "simpson"):
        held = float(re.search(rf"\| {kind} \| \d+ \| [\d.]+ points \| adjusted \| [\d.]+ \| ([\d.]+)% \|", GUIDE)[1])
        assert 93 <= held <= 97
    assert float(re.search(r"\| nothing \| \d+ \| ([\d.]+)% \|", GUIDE)[1]) <= 5
