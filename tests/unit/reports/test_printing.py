import datetime
import json
import sys
from collections.abc import Sequence

import pytest
from rich.console import RenderableType
from rich.text import Text

from cxmetrics.published.build_info import BuildInfo
from cxmetrics.reports import printing
from cxmetrics.reports.printing import as_json, foot, rendered, rests_on
from cxmetrics.reports.tables import Column, fitted

INFO = BuildInfo(datetime.datetime(2026, 6, 30, 23, 59, 59), ("canonical", "demo"), True, "1")
REAL = BuildInfo(INFO.as_of, ("canonical",), False, "1")
HOSTILE = "[/x] [link=https://e.example]a[/link] [red]b :smile: \x1b]0;title\x07"
SEEN = "[/x] [link=https://e.example]a[/link] [red]b :smile: ␛]0;title␇"


def table(*rows: Sequence[str | Text]) -> list[RenderableType]:
    return fitted([Column("name"), Column("n", is_number=True)], rows, "--json")


def test_where_there_is_no_terminal_there_is_no_colour_and_no_trailing_blank():
    printed = rendered(*table([Text("short", style="red"), "1,000"], [Text("a rather long one"), "1"]))
    assert "\x1b" not in printed
    assert all(line == line.rstrip() for line in printed.splitlines())
    assert "name" in printed and "│" not in printed


def test_numbers_are_set_to_the_right():
    printed = rendered(*table(["x", "1,000"], ["x", "1"]))
    ends = {len(line) for line in printed.splitlines() if line.strip().startswith("x")}
    assert len(ends) == 1


@pytest.mark.parametrize("is_folded", [True, False])
def test_what_is_not_folded_may_run_past_the_edge(is_folded: bool):
    printed = rendered(Text("word " * 60), is_folded=is_folded)
    assert (len(printed.splitlines()) > 1) == is_folded


def test_on_a_terminal_there_is_colour(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in rendered(Text("red", style="red"))


def test_json_has_full_precision_and_dates_as_text():
    data = json.loads(as_json({"value": 4 / 41, "day": datetime.date(2026, 1, 2), "none": None}))
    assert data == {"value": 4 / 41, "day": "2026-01-02", "none": None}


def test_synthetic_data_is_named_below_an_answer_and_sources_where_there_is_room():
    assert foot(INFO) == "as of 2026-06-30 23:59 UTC, synthetic demo data\n"
    assert foot(REAL) == "as of 2026-06-30 23:59 UTC\n"
    assert rests_on(INFO) == "as of 2026-06-30 23:59 UTC, sources: canonical, demo"


@pytest.mark.parametrize("is_terminal", [False, True])
def test_a_cell_is_no_markup_and_is_not_obeyed(is_terminal: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printing, "is_terminal", lambda: is_terminal)
    monkeypatch.setattr(printing, "width", lambda: 200)
    for cell in (HOSTILE, Text(HOSTILE)):
        printed = rendered(*table([cell, "1"]), HOSTILE)
        assert SEEN in printed
        assert "\x1b]" not in printed


def test_columns_stay_where_they_are():
    first, second = rendered(*table(["\x1b\x1b\x1bab", "1"], ["abcde", "1"])).splitlines()[-3:-1]
    assert first.index("1") == second.index("1")
