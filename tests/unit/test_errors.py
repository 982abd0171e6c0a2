"""The parts of an error, as people read them."""

from __future__ import annotations

from cxmetrics.errors import OPTIONS_SHOWN, CxError

NAMES = [f"metric_{number}" for number in range(100)]


def test_few_options_are_all_shown_in_their_order():
    assert "  allowed: up, down\n" in str(CxError("bad direction", got="upp", allowed=["up", "down"], next_step="x"))


def test_of_many_options_the_nearest_are_shown_and_all_are_counted():
    (line,) = [line for line in str(CxError("no such metric", got="metric_77", allowed=NAMES)).splitlines()
               if line.startswith("  allowed:")]  # fmt: skip
    assert line.startswith("  allowed: metric_77, ")
    assert line.endswith("(100 in all)")
    assert line.count("metric_") == OPTIONS_SHOWN


def test_json_has_every_option():
    assert CxError("no such metric", got="metric_77", allowed=NAMES).as_dict()["allowed"] == NAMES


def test_nothing_allowed_is_said():
    assert "  allowed: (nothing)" in str(CxError("no metric at all", got="x", allowed=[]))
