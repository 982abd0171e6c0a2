"""Broken on purpose: positions."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"
CONTACT = "metrics/experience/contact_rate.yml"


def test_no_position_and_no_reason_is_found(small):
    small.replace(REOPEN, "          positions_note: No source has one.\n", "")
    assert "positions_note" in small.only_finding("positions_are_given_or_explained").help


def test_two_positions_of_one_source_are_found(small):
    position = "            - {source: kelley, domain: experience, says: Low is good.}\n"
    small.replace(CONTACT, position, position + position.replace("experience", "service"))
    assert "'kelley' has 2 positions" in small.only_finding("positions_are_given_or_explained").sentence
