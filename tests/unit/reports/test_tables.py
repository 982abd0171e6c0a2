"""No table is wider than the terminal, and none loses anything without saying so."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

import cxmetrics
from cxmetrics.definitions.project import Project
from cxmetrics.published.build_info import BuildInfo
from cxmetrics.published.figures import Figure
from cxmetrics.reports import scorecard
from cxmetrics.reports.printing import rendered
from cxmetrics.reports.query import as_text
from cxmetrics.reports.scorecard import Line
from cxmetrics.reports.tables import Column, fitted

INFO = BuildInfo(datetime.datetime(2026, 6, 30, 23, 59, 59), ("canonical",), True, "1")
COLUMNS = [
    Column("period start"),
    Column("contact reason", rank=1),
    Column("value", is_number=True),
    Column("95 % interval", is_number=True, rank=2),
    Column("status"),
]
ROWS = [
    ["2026-04-01", "cancellation_request", "9.8 %", "4.0 to 23.0 %", "insufficient sample"],
    ["2026-05-01", "delivery", "10.1 %", "9.0 to 11.2 %", "ok"],
]
COLOURS = re.compile(r"\x1b\[[0-9;]*m")

Terminal = Callable[[int], None]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard output is a terminal of so many columns."""

    def of(columns: int) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(shutil, "get_terminal_size", lambda *_, **__: os.terminal_size((columns, 50)))

    return of


def printed(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    return COLOURS.sub("", rendered(*fitted(columns, rows, "--format csv"))).splitlines()


def test_in_a_file_a_table_is_as_wide_as_it_needs():
    rows = [[*ROWS[0][:-1], "a status of many words " * 10]]
    assert any(rows[0][-1].strip() in line for line in printed(COLUMNS, rows))


@pytest.mark.parametrize("columns", [100, 80, 72])
def test_cells_are_folded_between_words_first(columns: int, terminal: Terminal):
    terminal(columns)
    lines = printed(COLUMNS, ROWS)
    assert max(map(len, lines)) <= columns
    assert "Left out" not in "".join(lines)
    words = " ".join(lines).split()
    assert {"cancellation_request", "2026-04-01", "insufficient", "sample"} <= set(words)
    assert any("4.0 to 23.0 %" in line for line in lines)


def test_then_columns_are_left_out_by_rank_and_named(terminal: Terminal):
    terminal(60)
    assert "Left out to fit 60 columns: 95 % interval. A wider" in " ".join(printed(COLUMNS, ROWS))
    terminal(40)
    lines = printed(COLUMNS, ROWS)
    assert max(map(len, lines)) <= 40
    said = " ".join(" ".join(lines).split())
    assert "Left out to fit 40 columns: contact reason, 95 % interval. A wider terminal or --format csv" in said
    assert {"2026-04-01", "9.8", "insufficient", "ok"} <= set(said.split())


def test_an_answer_by_many_dimensions_fits_eighty_columns(terminal: Terminal, cx_project: Project):
    terminal(80)
    metrics = [cx_project.metrics()[name] for name in ("first_contact_resolution_rate", "reopen_rate")]
    keys = ["period_start", "channel", "team", "segment", "priority", "region", "contact_reason"]
    columns = [
        "metric",
        *keys,
        "value",
        "n",
        "ci_low",
        "ci_high",
        "response_rate",
        "low_response",
        "baseline",
        "series_break",
        "status",
        "unit",
    ]
    values = ["2026-04-01", "chat", "second_line", "enterprise", "urgent", "south", "cancellation_request"]
    rows = [(metric.name, *values, 0.5, 1_234, 0.4, 0.6, None, None, None, None, "ok", "share") for metric in metrics]
    lines = COLOURS.sub("", as_text("table", columns, rows, metrics, INFO)).splitlines()
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    assert "…" not in text and "2026-04-01" in text and "50.0 %" in text
    assert "priority, region, contact reason, 95 % interval, n. A wider terminal or --format csv shows" in text


def test_only_this_module_and_the_scorecard_make_tables():
    """Any other would have to see to its width itself."""
    package = Path(cxmetrics.__file__).parent
    found = [file.stem for file in package.rglob("*.py") if "from rich.table import" in file.read_text("utf-8")]
    assert sorted(found) == ["scorecard", "tables"]


@pytest.mark.parametrize("columns", [80, 60, 40])
def test_the_scorecard_cuts_nothing_off(columns: int, terminal: Terminal, cx_project: Project):
    terminal(columns)
    day = datetime.date(2026, 5, 1)
    figure = Figure("m", "month", day, "all", "all", 0.971, 1_437, 0.952, 0.984, "immature", 0.75, "met", 1)
    lines = [Line(metric, figure, (0.5, 0.6) * 6) for metric in cx_project.metrics().values()]
    printed = COLOURS.sub("", rendered(scorecard.terminal(lines, INFO, "month"))).splitlines()
    assert max(map(len, printed)) <= columns
    assert "…" not in "".join(printed)


@given(
    st.integers(min_value=20, max_value=130),
    st.lists(st.tuples(*[st.text("ab _é漢\n", max_size=40)] * 5), min_size=1, max_size=3),
    st.lists(st.integers(0, 3), min_size=5, max_size=5),
)
@settings(deadline=None, max_examples=150)
def test_whatever_is_in_it_no_line_is_wider_and_no_sign_is_lost(width: int, rows: list, ranks: list[int]):
    columns = [Column(name, name == "c", rank=rank) for name, rank in zip("xyczw", ranks, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        patch.setattr(shutil, "get_terminal_size", lambda *_, **__: os.terminal_size((width, 50)))
        parts = fitted(columns, rows, "--json", is_roomy=False)
        lines = COLOURS.sub("", rendered(*parts)).splitlines()
    assert all(cell_len(line.rstrip()) <= width for line in lines)
    said = " ".join(str(part) for part in parts)
    left_out = said.partition(f"{width} columns: ")[2].partition(". A")[0].split(", ")
    shown = "".join(lines)
    for position, column in enumerate(columns):
        if column.name not in left_out:
            for sign in "ab_é漢":
                assert shown.count(sign) >= sum(row[position].count(sign) for row in rows)
