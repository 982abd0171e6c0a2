"""CSV that a spreadsheet opens and does not run."""

from __future__ import annotations

import csv
import datetime
import io

import pytest

from cxmetrics.reports.spreadsheet import csv_text


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_or_a_name_that_a_spreadsheet_would_run_gets_an_apostrophe(beginning: str):
    text = f"{beginning}cmd|' /C calc'!A0"
    ((name, _), (cell, number)) = csv.reader(io.StringIO(csv_text([text, "n"], [(text, -1.5)])))
    assert name[:1] == cell[:1] == "'"
    assert number == "-1.5"


def test_everything_else_is_as_it_is_in_the_data():
    rows = [("a-b", 'say "so", =1', -3, -0.1, None, True, datetime.date(2026, 1, 1), "two\nlines")]
    assert csv_text(["a"] * 8, rows) == (
        'a,a,a,a,a,a,a,a\na-b,"say ""so"", =1",-3,-0.1,,True,2026-01-01,"two\nlines"\n'
    )


def test_what_a_terminal_would_obey_is_a_sign():
    assert csv_text(["name"], [("\x1b]0;title\x07\u202e",)]) == "name\n␛]0;title␇�\n"
