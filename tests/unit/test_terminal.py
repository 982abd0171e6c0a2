"""What a terminal would obey is shown."""

from __future__ import annotations

import io
import sys
import unicodedata
from pathlib import Path

import pytest

from cxmetrics.progress import progress_bar
from cxmetrics.terminal import Shown, complain, from_here, one_line, say, shown, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x9b31m\x7f\x00", "�31m␡␀"),
        ("\u202egpj.exe\u202c \u2066a\u2069 \u200eb\u061c", "�gpj.exe� �a� �b�"),
        ("a\ufeffb\u200bc\u00ad\u2028d\U000e0041", "a�b�c��d�"),
        ("na\udcefve", "na�ve"),
        ("over\rwritten\x08", "over␍written␈"),
        ("Zoë 漢字 שלום می‌خواهم 👩‍💻\tcell\nline", "Zoë 漢字 שלום می‌خواهم 👩‍💻\tcell\nline"),
    ],
)
def test_what_a_terminal_obeys_becomes_a_sign_and_everything_else_stays(text: str, expected: str):
    assert visible(text) == expected


def test_no_control_and_no_direction_of_unicode_is_forgotten():
    obeyed = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    }
    assert {character for character in obeyed if character == visible(character)} == {"\t", "\n"}


def test_a_name_is_one_line():
    assert one_line("tickets\nPublished: all is well\r") == "tickets␊Published: all is well␍"


def test_only_what_was_made_safe_keeps_its_colours(capsys: pytest.CaptureFixture[str]):
    coloured = Shown("\x1b[1mbold\x1b[0m")
    say("\x1b[2J", coloured)
    complain(f"{coloured}")
    assert capsys.readouterr() == ("␛[2J\x1b[1mbold\x1b[0m", "␛[1mbold␛[0m")
    assert isinstance(shown("a", coloured), Shown)


def test_a_step_that_is_told_of_is_no_markup(monkeypatch: pytest.MonkeyPatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("cxmetrics.progress.SECONDS_BEFORE_BAR", -1.0)
    with progress_bar() as report:
        report("reading [/x] [link=https://e.example]a\x1b]0;title\x07.csv", 1, 2)
    assert "reading [/x] [link=https://e.example]a␛]0;title␇.csv" in terminal.getvalue()


def test_a_file_in_this_folder_is_named_as_somebody_types_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert from_here(tmp_path / "warehouse" / "cx.duckdb") == "warehouse/cx.duckdb"
    assert from_here(f"{tmp_path}2/cx.duckdb") == f"{tmp_path}2/cx.duckdb"
    assert from_here("database cx") == "database cx"
