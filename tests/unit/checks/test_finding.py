"""What a check reports, for people and for programs."""

from __future__ import annotations

from cxmetrics.checks.finding import Finding
from cxmetrics.errors import CxError


def test_a_finding_is_written_with_location_got_allowed_nearest_and_help(small):
    line = small.replace("metrics/service/reopen_rate.yml", "stance: reactive", "stance: reactve")
    assert str(small.only_finding("definitions_can_be_read")) == (
        f"metrics/service/reopen_rate.yml:{line}: bad value for 'classification.stance'\n"
        "  got:     reactve\n"
        "  allowed: reactive, proactive, both\n"
        "  nearest: reactive\n"
        "  help:    correct it here"
    )


def test_a_finding_from_an_error_keeps_its_parts_and_its_own_next_step():
    error = CxError("it is wrong", file="a.yml", line=3, got="tow", allowed=["one", "two"])
    found = Finding.of(error, "correct it")
    assert (found.file, found.line, found.sentence, found.help) == ("a.yml", 3, "it is wrong", "correct it")
    assert (found.got, found.nearest) == ("tow", "two")
    error.next_step = "do this"
    assert Finding.of(error, "correct it").help == "do this"


def test_what_is_not_known_is_left_out():
    assert str(Finding("a.yml", 1, "It is wrong.", "Correct it.")) == "a.yml:1: It is wrong.\n  help:    Correct it."
    assert "allowed: (nothing)" in str(Finding("a.yml", 1, "It is wrong.", "Correct it.", "x", []))


def test_a_program_reads_every_part():
    found = Finding("a.yml", 1, "It is wrong.", "Correct it.", "tow", ["one", "two"], "a_check")
    assert found.as_dict() == {
        "file": "a.yml",
        "line": 1,
        "sentence": "It is wrong.",
        "help": "Correct it.",
        "got": "tow",
        "allowed": ["one", "two"],
        "check": "a_check",
        "nearest": "two",
    }
