"""Broken on purpose: targets."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"


def test_two_targets_for_the_same_customers_from_one_day_on_are_found(small):
    target = "            - {since: 2025-01-01, value: 0.05}\n"
    line = small.replace(REOPEN, target, target + target.replace("0.05", "0.06"))
    finding = small.only_finding("targets_are_unambiguous")
    assert (finding.file, finding.line) == (REOPEN, line + 1)


def test_a_target_without_a_direction_is_found(small):
    small.replace(REOPEN, "direction: down", "direction: none")
    assert "without a direction" in small.only_finding("targets_are_unambiguous").sentence
